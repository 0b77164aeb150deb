package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.innerkeep.channel.call.CallException.Code;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer can make this end hold that asks for all it can and reads nothing, counted in bytes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HeldBytesTest {
    private static final CallLimits LIMITS = new CallLimits(1 << 16, 8, 64, 1 << 17);
    private static final int RESULT_BYTES = 60_000;
    private static final long DEADLINE = 600_000;

    // Methods in the order of their names, which is that of their indices.
    private static final int LARGE = 0;
    private static final int STUCK = 1;
    private static final int TAKE = 2;
    private static final int ZEROS = 3;

    interface Service {
        byte[] large();

        InputStream stuck();

        void take(InputStream content);

        InputStream zeros();
    }

    private static final class Implementation implements Service {
        final AtomicInteger calls = new AtomicInteger();
        final Semaphore entered = new Semaphore(0);
        final CountDownLatch go = new CountDownLatch(1);
        final Semaphore closed = new Semaphore(0);
        final AtomicLong taken = new AtomicLong();
        final List<InputStream> arguments = new CopyOnWriteArrayList<>();

        @Override
        public byte[] large() {
            calls.incrementAndGet();
            entered.release();
            await(go);
            return new byte[RESULT_BYTES];
        }

        @Override
        public InputStream stuck() {
            return new InputStream() {
                @Override
                public int read() {
                    entered.release();
                    await(go);
                    return -1;
                }

                @Override
                public void close() {
                    closed.release();
                }
            };
        }

        @Override
        public void take(InputStream content) {
            arguments.add(content);
            entered.release();
            await(go);
        }

        @Override
        public InputStream zeros() {
            return new InputStream() {
                @Override
                public int read() {
                    throw new UnsupportedOperationException();
                }

                @Override
                public int read(byte[] target, int offset, int length) {
                    taken.addAndGet(length);
                    return length;
                }
            };
        }

        private static void await(CountDownLatch latch) {
            boolean done = false;
            while (!done) {
                try {
                    done = latch.await(1, TimeUnit.MINUTES);
                } catch (InterruptedException e) {
                    // A program may take no notice of it.
                }
            }
        }
    }

    private final Implementation implementation = new Implementation();
    private final CountDownLatch reads = new CountDownLatch(1);
    private Link link;
    private CallPeer serving;
    private long lastId;

    @BeforeEach
    void connect() throws IOException {
        link = new Link();
        // As if the peer's window were closed from the first byte on.
        OutputStream unread = new FilterOutputStream(link.far.getOutputStream()) {
            @Override
            public void write(byte[] bytes) throws IOException {
                Implementation.await(reads);
                out.write(bytes);
            }
        };
        serving = CallPeer.over(link.far.getInputStream(), unread, Disclosure.TO_CLIENT)
                .limits(LIMITS)
                .offer(Service.class, implementation)
                .start();
        bind(Service.class);
    }

    @AfterEach
    void end() throws IOException {
        implementation.go.countDown();
        reads.countDown();
        serving.close();
        link.close();
    }

    private void bind(Class<?> type) throws IOException {
        link.send(Link.bind(++lastId, type));
    }

    private void request(int service, int method, Consumer<CborWriter> arguments) throws IOException {
        long id = ++lastId;
        link.send(cbor -> arguments.accept(
                cbor.array(6).integer(1).integer(id).integer(service).integer(method).integer(DEADLINE)));
    }

    private void call(int method) throws IOException {
        request(0, method, cbor -> cbor.array(0));
    }

    private void open(int method) throws IOException {
        int before = serving.streams().open();
        call(method);
        until(() -> serving.streams().open() > before);
    }

    private void read(int stream, int piece) throws IOException {
        request(1, StreamSource.READ, cbor -> cbor.array(2).integer(stream).integer(piece));
    }

    private void stop(int stream) throws IOException {
        request(1, StreamSource.STOP, cbor -> cbor.array(1).integer(stream));
    }

    private static void until(BooleanSupplier happened) {
        while (!happened.getAsBoolean()) {
            Thread.yield();
        }
    }

    /** An answer: its kind, and the bytes or the code. */
    private record Got(int kind, int value) {}

    private Got receive() throws Exception {
        byte[] frame = link.receive();
        CborReader cbor = new CborReader(frame);
        cbor.arrayOf("frame", 3);
        int kind = (int) cbor.integer("kind", 2, 4);
        cbor.integer("id", 1, Long.MAX_VALUE);
        boolean bytes = kind == 2 && frame.length > 20;
        return new Got(kind, bytes ? cbor.bytes("value", 0, 1 << 20).length : kind == 4 ? (int) cbor.integer("code", 0, 6) : 0);
    }

    @Test
    void theSumOfAllRoomsIsWhatTheLimitsSay() {
        long rooms = serving.requests().capacity() + serving.answers().capacity() + serving.pieces().capacity();
        assertThat(LIMITS.maxHeldBytes())
                .isEqualTo(rooms + LIMITS.maxFrameBytes() + CallLimits.overheadBytes(LIMITS.maxConcurrentRequests()));
        assertThat(CallLimits.overheadBytes(0)).isGreaterThanOrEqualTo(FrameWriter.MAX_NOTICE_BYTES + FrameWriter.BATCH_BYTES);
    }

    @Test
    void piecesThatNobodyReadsAreNotTakenFromTheirSources() throws Exception {
        open(ZEROS);
        bind(StreamSource.class);
        for (int stream = 1; stream <= Streams.MAX_OPEN; stream++) {
            if (stream > 1) {
                open(ZEROS);
            }
            for (int piece = 0; piece < RemoteStream.AHEAD; piece++) {
                read(stream, piece);
            }
            if (stream == 1) {
                until(() -> serving.underWay() == 0 && serving.pieces().used() > LIMITS.pieceBytes() - 1024);
            }
        }
        // The first stream filled the room; one read of each other waits for some, and the rest for their turn.
        until(() -> serving.pieces().waiting() == Streams.MAX_OPEN - 1);
        assertThat(implementation.taken.get()).isLessThanOrEqualTo(LIMITS.pieceBytes());
        assertThat(serving.pieces().used()).isLessThanOrEqualTo(LIMITS.pieceBytes());

        // Then it reads, and gets them all.
        reads.countDown();
        int pieces = 0;
        long bytes = 0;
        for (int i = 0; i < Streams.MAX_OPEN + 2 + Streams.MAX_READS; i++) {
            Got got = receive();
            assertThat(got.kind()).isEqualTo(2);
            pieces += got.value() > 0 ? 1 : 0;
            bytes += got.value();
        }
        assertThat(pieces).isEqualTo(Streams.MAX_READS);
        assertThat(bytes).isEqualTo(implementation.taken.get());
        until(() -> serving.pieces().used() == 0);
    }

    @Test
    void resultsThatNobodyReadsAreBoundedAndTheOthersFail() throws Exception {
        int requests = LIMITS.maxConcurrentRequests();
        for (int i = 0; i < requests; i++) {
            call(LARGE);
        }
        implementation.entered.acquire(requests);
        implementation.go.countDown();
        until(() -> serving.underWay() == 0);
        assertThat(serving.answers().used()).isLessThanOrEqualTo(LIMITS.answerBytes());

        reads.countDown();
        receive();
        List<Got> answers = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            answers.add(receive());
        }
        assertThat(answers).filteredOn(got -> got.value() == RESULT_BYTES).hasSize(2);
        assertThat(answers).filteredOn(new Got(4, 5)::equals).as("TOO_LARGE").hasSize(requests - 2);
    }

    @Test
    void aPeerThatDoesNotReadIsNotServed() throws Exception {
        implementation.go.countDown();
        for (int i = 1; i <= 2; i++) {
            call(LARGE);
            int answered = i;
            until(() -> implementation.calls.get() == answered && serving.underWay() == 0);
        }
        // Two of these fill the room.
        int waiting = LIMITS.maxConcurrentRequests();
        for (int i = 0; i < waiting; i++) {
            call(LARGE);
        }
        until(() -> serving.answers().waiting() == waiting);
        assertThat(implementation.calls.get()).isEqualTo(2);

        reads.countDown();
        receive();
        for (int i = 0; i < 2 + waiting; i++) {
            assertThat(receive().kind()).isIn(2, 4);
        }
        assertThat(implementation.calls.get()).isEqualTo(2 + waiting);
    }

    @Test
    void streamsAreStoppedThoughAllPlacesForReadsAreTaken() throws Exception {
        open(STUCK);
        bind(StreamSource.class);
        for (int stream = 2; stream <= Streams.MAX_OPEN; stream++) {
            open(STUCK);
        }
        for (int i = 0; i < Streams.MAX_READS; i++) {
            read(i / RemoteStream.AHEAD + 1, i % RemoteStream.AHEAD);
        }
        implementation.entered.acquire(Streams.MAX_OPEN);
        until(() -> serving.underWay() == Streams.MAX_READS);
        for (int stream = 1; stream <= Streams.MAX_OPEN; stream++) {
            stop(stream);
            until(() -> serving.underWay() == Streams.MAX_READS);
            implementation.closed.acquire();
        }
    }

    @Test
    void argumentsThatAreStreamsCountWithThePieceThatEachNeeds() throws Exception {
        for (int stream = 1; stream <= 2; stream++) {
            int number = stream;
            request(0, TAKE, cbor -> cbor.array(1).integer(number));
        }
        implementation.entered.acquire();
        reads.countDown();
        receive();
        assertThat(receive()).as("two pieces and two requests are more than 128 KiB").isEqualTo(new Got(4, 2));
        assertThat(serving.requests().used()).isLessThanOrEqualTo(LIMITS.maxPendingBytes());
    }

    @Test
    void aPieceLargerThanPiecesMayBeEndsTheConnection() throws Exception {
        Link other = new Link();
        try (other;
                CallPeer reading = CallPeer.over(other.far.getInputStream(), other.far.getOutputStream(), Disclosure.TO_CLIENT)
                        .offer(Service.class, implementation)
                        .start()) {
            other.send(Link.bind(1, Service.class));
            other.receive();
            other.send(Link.request(2, TAKE, DEADLINE, cbor -> cbor.array(1).integer(1)));
            implementation.entered.acquire();
            Thread.ofVirtual().start(() -> {
                try {
                    implementation.arguments.getFirst().read();
                } catch (IOException e) {
                    // So it should.
                }
            });
            other.receive();
            other.send(cbor -> cbor.array(3).integer(2).integer(1).integer(0));
            other.receive();
            other.send(cbor -> cbor.array(3).integer(2).integer(2).bytes(new byte[StreamSource.MAX_ANSWER_BYTES]));
            assertThat(reading.closed().get(20, TimeUnit.SECONDS))
                    .satisfies(ended -> assertThat(ended.code()).isEqualTo(Code.DISCONNECTED))
                    .hasMessageContaining("an answer of more bytes than the call can have");
        }
    }
}
