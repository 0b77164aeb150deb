package org.innerkeep.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.innerkeep.channel.profile.EnclaveFigures;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A relay between real loopback clients and the Unix-domain socket of what stands for an enclave. */
@Timeout(60)
class RelayTest {
    private static final InetSocketAddress FREE_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final int MAX_CLIENTS = 256;

    @TempDir
    private Path temp;

    private final Traffic traffic = new Traffic();
    private ServerSocketChannel enclave;
    private Relay relay;

    @BeforeEach
    void listen() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(temp.resolve("inside"));
        enclave = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        enclave.bind(address, MAX_CLIENTS + 10);
        relay = Relay.listen(FREE_PORT, () -> SocketChannel.open(address), traffic);
    }

    @AfterEach
    void close() throws IOException {
        relay.close();
        enclave.close();
    }

    private SocketChannel client() throws IOException {
        return SocketChannel.open(relay.address());
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** All bytes until the other side has no more. */
    private static byte[] readAll(SocketChannel channel, int most) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(most);
        while (channel.read(buffer) > 0) {
            // Until the end, or until there are as many as can be.
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static CompletableFuture<Void> async(Action action) {
        // A thread for each: the common pool may have fewer than there are ends that wait for each other.
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        action.run();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    private interface Action {
        void run() throws IOException;
    }

    private static byte[] noise(int seed, int length) {
        byte[] noise = new byte[length];
        new SplittableRandom(seed).nextBytes(noise);
        return noise;
    }

    /** More than any buffer on the way, so that neither direction may wait for the other. */
    @Test
    void carriesBytesUnchangedBothWaysAtOnce() throws Exception {
        byte[] in = noise(1, 8 << 20);
        byte[] out = noise(2, 8 << 20);
        try (SocketChannel client = client();
                SocketChannel inside = enclave.accept()) {
            AtomicReference<byte[]> arrivedInside = new AtomicReference<>(new byte[0]);
            AtomicReference<byte[]> arrivedOutside = new AtomicReference<>(new byte[0]);
            CompletableFuture<Void> all = CompletableFuture.allOf(
                    async(() -> {
                        write(client, in);
                        client.shutdownOutput();
                    }),
                    async(() -> {
                        write(inside, out);
                        inside.shutdownOutput();
                    }),
                    async(() -> arrivedInside.set(readAll(inside, in.length + 1))),
                    async(() -> arrivedOutside.set(readAll(client, out.length + 1))));

            assertThat(all).succeedsWithin(Duration.ofSeconds(30));
            assertThat(Arrays.equals(arrivedInside.get(), in)).as("client to enclave").isTrue();
            assertThat(Arrays.equals(arrivedOutside.get(), out)).as("enclave to client").isTrue();
            assertThat(traffic.figures()).isEqualTo(new EnclaveFigures.Relayed(1, 1, in.length, out.length));
        }
    }

    @Test
    void passesAHalfCloseOnAndKeepsTheOtherDirectionOpen() throws IOException {
        try (SocketChannel client = client();
                SocketChannel inside = enclave.accept()) {
            write(client, new byte[] {1, 2});
            client.shutdownOutput();
            assertThat(readAll(inside, 10)).containsExactly(1, 2);

            write(inside, new byte[] {3, 4});
            inside.shutdownOutput();
            assertThat(readAll(client, 10)).containsExactly(3, 4);
        }
    }

    @Test
    void aClientThatResetsClosesItsConnectionInside() throws IOException {
        SocketChannel client = client();
        try (SocketChannel inside = enclave.accept()) {
            write(client, new byte[] {1});
            assertThat(inside.read(ByteBuffer.allocate(1))).isEqualTo(1);
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
            client.close();

            assertThat(inside.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThatIOException()
                    .as("both directions are closed")
                    .isThrownBy(() -> {
                        for (int i = 0; i < 1000; i++) {
                            write(inside, new byte[1 << 16]);
                        }
                    });
        }
    }

    @Test
    void anEnclaveThatEndsEndsItsClientsConnection() throws IOException {
        try (SocketChannel client = client()) {
            enclave.accept().close();

            assertThat(readAll(client, 1)).isEmpty();
        }
    }

    @Test
    void anEnclaveThatCannotBeReachedEndsTheClientsConnection() throws IOException {
        enclave.close();
        try (SocketChannel client = client()) {
            assertThat(readAll(client, 1)).isEmpty();
        }
    }

    @Test
    void clientsDoNotSeeEachOthersBytes() throws IOException {
        try (SocketChannel first = client();
                SocketChannel firstInside = enclave.accept();
                SocketChannel second = client();
                SocketChannel secondInside = enclave.accept()) {
            write(first, new byte[] {1});
            write(second, new byte[] {2});
            first.shutdownOutput();
            second.shutdownOutput();

            assertThat(readAll(firstInside, 10)).containsExactly(1);
            assertThat(readAll(secondInside, 10)).containsExactly(2);
        }
    }

    @Test
    void servesAtMost256ClientsAndTheNextAfterOneHasLeft() throws IOException {
        List<SocketChannel> open = new ArrayList<>();
        try {
            for (int i = 0; i < MAX_CLIENTS; i++) {
                open.add(client());
                open.add(enclave.accept());
            }
            try (SocketChannel tooMany = client()) {
                assertThat(endsAtOnce(tooMany)).isTrue();
            }
            open.removeFirst().close();
            open.removeFirst().close();

            // The place is free when the relay has seen the end of both; until then it turns away.
            boolean served = false;
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            enclave.configureBlocking(false);
            while (!served && System.nanoTime() < end) {
                SocketChannel next = client();
                open.add(next);
                SocketChannel inside = awaitInside(next);
                served = inside != null;
                if (inside != null) {
                    open.add(inside);
                }
            }
            assertThat(served).isTrue();
        } finally {
            for (SocketChannel channel : open) {
                channel.close();
            }
        }
    }

    private static boolean endsAtOnce(SocketChannel channel) {
        try {
            return channel.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** The enclave's end of this client's connection, or null if the relay hung up. */
    private @Nullable SocketChannel awaitInside(SocketChannel client) throws IOException {
        client.configureBlocking(false);
        while (true) {
            SocketChannel inside = enclave.accept();
            if (inside != null) {
                return inside;
            }
            try {
                if (client.read(ByteBuffer.allocate(1)) < 0) {
                    return null;
                }
            } catch (IOException e) {
                return null;
            }
            Thread.onSpinWait();
        }
    }

    /** An enclave hangs up on who does not begin a session; such a client must not keep its place by staying silent. */
    @Test
    void aSilentClientDoesNotOutstayItsEnclave() throws IOException {
        SocketAddress inside = enclave.getLocalAddress();
        try (Relay hasty = Relay.listen(FREE_PORT, () -> SocketChannel.open(inside), Duration.ofMillis(50), traffic)) {
            List<SocketChannel> silent = new ArrayList<>();
            try {
                for (int i = 0; i < MAX_CLIENTS; i++) {
                    silent.add(SocketChannel.open(hasty.address()));
                    enclave.accept().close();
                }
                boolean served = false;
                long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
                enclave.configureBlocking(false);
                while (!served && System.nanoTime() < end) {
                    try (SocketChannel next = SocketChannel.open(hasty.address());
                            SocketChannel answered = awaitInside(next)) {
                        served = answered != null;
                    }
                }
                assertThat(served).isTrue();
            } finally {
                for (SocketChannel channel : silent) {
                    channel.close();
                }
            }
        }
    }

    @Test
    void closingEndsEveryConnectionAndStopsListening() throws IOException {
        InetSocketAddress address = relay.address();
        try (SocketChannel first = client();
                SocketChannel firstInside = enclave.accept();
                SocketChannel second = client();
                SocketChannel secondInside = enclave.accept()) {
            relay.close();

            for (SocketChannel each : List.of(first, firstInside, second, secondInside)) {
                assertThat(endsAtOnce(each)).isTrue();
            }
            assertThatIOException().isThrownBy(() -> SocketChannel.open(address).close());
        }
    }

    @Test
    void refusesAnAddressThatIsTaken() throws IOException {
        InetSocketAddress taken = relay.address();

        assertThatIOException().isThrownBy(() -> Relay.listen(taken, SocketChannel::open, traffic).close());
    }
}
