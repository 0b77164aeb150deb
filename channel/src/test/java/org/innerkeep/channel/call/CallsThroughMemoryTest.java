package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.innerkeep.channel.call.CallException.Code;
import org.innerkeep.channel.ring.Ring;
import org.innerkeep.evidence.cbor.CborWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is other than over a connection alone: threads that are used again, and two ways that overtake each other. */
@Timeout(60)
class CallsThroughMemoryTest {
    // See docs/protocol.md.
    private static final int HOST_CALLS = 4096;
    private static final int FIRST_SLOT = 8192;
    private static final int REQUEST = 1;
    private static final int ANSWER = 3;
    private static final int GAVE_UP = 3;
    private static final Duration LONG = Duration.ofSeconds(50);

    interface Service {
        int answer(int what);
    }

    private static final int PLAIN = 0;
    private static final int OUT_OF_MEMORY = 1;
    private static final int INTERRUPTED_BY_ITSELF = 2;

    private final AtomicInteger carriedOut = new AtomicInteger();
    private final Queue<Thread> servers = new ConcurrentLinkedQueue<>();
    private Link link;

    private int answer(int what) {
        carriedOut.incrementAndGet();
        if (!servers.contains(Thread.currentThread())) {
            servers.add(Thread.currentThread());
        }
        switch (what) {
            case OUT_OF_MEMORY -> throw new OutOfMemoryError("a test's");
            case INTERRUPTED_BY_ITSELF -> Thread.currentThread().interrupt();
            default -> {
                if (Thread.currentThread().isInterrupted()) {
                    throw new IllegalStateException("interrupted by somebody");
                }
            }
        }
        return what;
    }

    @BeforeEach
    void connect() throws IOException {
        link = Link.sharing();
    }

    @AfterEach
    void disconnect() throws IOException {
        link.close();
    }

    private CallPeer enclave() throws IOException {
        return link.far(Disclosure.TO_CLIENT).offer(Service.class, this::answer).start();
    }

    private MappedByteBuffer memory() throws IOException {
        try (FileChannel channel = FileChannel.open(link.memory(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, Ring.BYTES);
            memory.order(ByteOrder.nativeOrder());
            return memory;
        }
    }

    private static byte[] withoutLength(Consumer<CborWriter> content) {
        byte[] frame = Link.frame(content);
        return Arrays.copyOfRange(frame, 4, frame.length);
    }

    @Test
    void aCancellationThatOvertakesItsRequestIsNotLost() throws Exception {
        CallPeer _ = enclave();
        MappedByteBuffer memory = memory();
        link.send(Link.bind(1, Service.class));
        assertThat(link.receive()).isNotEmpty();
        // CANCEL of a request that is not there yet; read before what is asked and answered after it.
        link.send(cbor -> cbor.array(2).integer(5).integer(2));
        link.send(Link.bind(3, Service.class));
        assertThat(link.receive()).isNotEmpty();

        byte[] request = withoutLength(Link.request(2, 0, 40_000, cbor -> cbor.array(1).integer(PLAIN)));
        memory.put(FIRST_SLOT + 64, request);
        memory.putInt(FIRST_SLOT + 4, request.length);
        memory.putInt(FIRST_SLOT + 8, GAVE_UP);
        memory.putInt(FIRST_SLOT, 8 | REQUEST);
        memory.putLong(HOST_CALLS, 1);

        Instant until = Instant.now().plusSeconds(20);
        while ((memory.getInt(FIRST_SLOT) & 7) != ANSWER && Instant.now().isBefore(until)) {
            Thread.sleep(1);
        }
        assertThat(memory.getInt(FIRST_SLOT)).isEqualTo(8 | ANSWER);
        assertThat(memory.getInt(FIRST_SLOT + 4)).as("nobody waits for an answer").isZero();
        assertThat(carriedOut).as("nor is it worth carrying out").hasValue(0);
    }

    @Test
    void whatNobodyTookIsNotCancelled() throws Exception {
        // An enclave that is there, opens an interface and takes no request.
        MappedByteBuffer memory = memory();
        memory.putInt(128, 1);
        Thread.ofVirtual().start(() -> {
            try {
                byte[] length = link.far.getInputStream().readNBytes(4);
                byte[] _ = link.far.getInputStream().readNBytes(ByteBuffer.wrap(length).getInt());
                link.far.getOutputStream().write(Link.frame(cbor -> cbor.array(3).integer(2).integer(1).integer(0)));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        CallPeer host = link.near(Disclosure.TO_CLIENT).start();
        Service service = host.bind(Service.class, Duration.ofMillis(1500));
        assertThatExceptionOfType(CallException.class)
                .isThrownBy(() -> service.answer(PLAIN))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.DEADLINE));
        assertThat(memory.getInt(FIRST_SLOT)).as("taken back").isEqualTo(8);
        Thread.sleep(100);
        assertThat(link.nearWrote()).isEqualTo(Link.frame(Link.bind(1, Service.class)));
    }

    /** Compiled code learns later of memory that is gone than what is interpreted, which is after a few thousand calls. */
    @ParameterizedTest
    @ValueSource(ints = {100, 15_000})
    void bothEndsAreToldThatTheMemoryIsGoneAndNothingElseIsThrown(int calls) throws Exception {
        try (CallPeer enclave = enclave();
                CallPeer host = link.near(Disclosure.TO_CLIENT).start()) {
            Service service = host.bind(Service.class, LONG);
            for (int i = 0; i < calls; i++) {
                assertThat(service.answer(PLAIN)).isEqualTo(PLAIN);
            }
            try (FileChannel file = FileChannel.open(link.memory(), StandardOpenOption.WRITE)) {
                file.truncate(0);
            }
            assertThatExceptionOfType(CallException.class)
                    .isThrownBy(() -> {
                        for (int i = 0; i < calls; i++) {
                            int _ = service.answer(PLAIN);
                        }
                    })
                    .satisfies(e -> assertThat(e.code()).isEqualTo(Code.DISCONNECTED));
            assertThat(host.closed().get(20, TimeUnit.SECONDS).code()).isEqualTo(Code.DISCONNECTED);
            assertThat(enclave.closed().get(20, TimeUnit.SECONDS).code()).isEqualTo(Code.DISCONNECTED);
        }
    }

    @Test
    void anInterruptDoesNotReachWhatTheThreadCarriesOutNext() throws Exception {
        try (CallPeer _ = enclave();
                CallPeer host = link.near(Disclosure.TO_CLIENT).start()) {
            Service service = host.bind(Service.class, LONG);
            for (int i = 0; i < 30; i++) {
                assertThat(service.answer(INTERRUPTED_BY_ITSELF)).isEqualTo(INTERRUPTED_BY_ITSELF);
                assertThat(service.answer(PLAIN)).isEqualTo(PLAIN);
                servers.forEach(Thread::interrupt);
                assertThat(service.answer(PLAIN)).isEqualTo(PLAIN);
            }
        }
    }

    @Test
    void lackOfMemoryEndsOneRequestAndNoOther() throws Exception {
        try (CallPeer enclave = enclave();
                CallPeer host = link.near(Disclosure.TO_CLIENT).start()) {
            Service service = host.bind(Service.class, LONG);
            assertThatExceptionOfType(CallException.class)
                    .isThrownBy(() -> service.answer(OUT_OF_MEMORY))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(Code.FAILED));
            assertThat(service.answer(PLAIN)).isEqualTo(PLAIN);
            assertThat(enclave.underWay()).isZero();
        }
    }
}
