package org.innerkeep.channel.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class BoundaryTest {
    private static final byte[] TOKEN = Bytes.sha256(new byte[] {1}).toArray();

    private Pair pair;

    @BeforeEach
    void listen() throws IOException {
        pair = Pair.listen();
    }

    @AfterEach
    void close() throws IOException {
        pair.close();
    }

    private static byte[] preamble(int kind, byte[] token) {
        return ByteBuffer.allocate(1 + token.length).put((byte) kind).put(token).array();
    }

    @ParameterizedTest
    @EnumSource(Boundary.Kind.class)
    void whoeverShowsTheTokenIsLetInForWhatItCameFor(Boundary.Kind kind) throws IOException {
        try (SocketChannel client = Boundary.connect(pair.address(), kind, TOKEN);
                SocketChannel server = pair.accept()) {
            assertThat(Boundary.accept(server, TOKEN)).isEqualTo(kind);
            assertThat(client.isBlocking()).isTrue();
        }
    }

    @Test
    void cutsOffWhoeverSaysNothing() throws IOException {
        try (SocketChannel silent = SocketChannel.open(pair.address());
                SocketChannel server = pair.accept()) {
            assertThatExceptionOfType(SocketTimeoutException.class)
                    .isThrownBy(() -> Boundary.accept(server, TOKEN, Duration.ofMillis(50)))
                    .withMessageContaining("preamble");
            assertThat(server.isOpen()).isFalse();
            assertThat(silent.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    @Test
    void leavesWhatFollowsThePreambleToTheConnection() throws IOException {
        try (SocketChannel client = Boundary.connect(pair.address(), Boundary.Kind.CALLS, TOKEN);
                SocketChannel server = pair.accept()) {
            client.write(ByteBuffer.wrap(new byte[] {42}));
            Boundary.accept(server, TOKEN);
            ByteBuffer next = ByteBuffer.allocate(2);

            assertThat(server.read(next)).isEqualTo(1);
            assertThat(next.get(0)).isEqualTo((byte) 42);
        }
    }

    @Test
    void refusesATokenWithAnyBitChangedWithoutRepeatingIt() {
        for (int bit = 0; bit < TOKEN.length * 8; bit++) {
            byte[] wrong = TOKEN.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);

            assertThatIOException()
                    .as("bit %d", bit)
                    .isThrownBy(() -> pair.accept(preamble(1, wrong), TOKEN))
                    .withMessageContaining("another token")
                    .withMessageNotContaining(Bytes.of(TOKEN).hex());
        }
    }

    @Test
    void refusesAPreambleCutShort() {
        byte[] whole = preamble(1, TOKEN);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);

            assertThatExceptionOfType(EOFException.class).isThrownBy(() -> pair.accept(cut, TOKEN));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 127, 128, 255})
    void refusesUnknownKinds(int kind) {
        assertThatIOException()
                .isThrownBy(() -> pair.accept(preamble(kind, TOKEN), TOKEN))
                .withMessageContaining("unknown kind");
    }

    /** Somebody without the token does not learn which kinds there are. */
    @Test
    void looksAtTheTokenBeforeTheKind() {
        assertThatIOException()
                .isThrownBy(() -> pair.accept(preamble(255, new byte[32]), TOKEN))
                .withMessageContaining("another token");
    }

    @Test
    void saysThatNobodyListens(@TempDir Path empty) {
        assertThatIOException()
                .isThrownBy(() -> Boundary.connect(
                        UnixDomainSocketAddress.of(empty.resolve("none")), Boundary.Kind.CALLS, TOKEN));
    }
}
