package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quicktheories.WithQuickTheories;

/** Bytes of any length in calls, both ways, at the reader's pace. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StreamsTest implements WithQuickTheories {
    private static final Duration LONG = Duration.ofSeconds(30);

    interface Files {
        byte[] digest(InputStream content) throws Broken;

        InputStream zeros(long length);

        InputStream open(int which);

        InputStream reversed(InputStream content) throws Broken;

        int first(InputStream content) throws Broken;

        InputStream keep(InputStream content);

        InputStream slow();

        InputStream failing();

        int add(int a, int b);
    }

    static final class Broken extends Exception {
        private static final long serialVersionUID = 1L;

        public Broken() {}
    }

    /** A source that says how much was taken from it and whether it was closed. */
    static class Source extends InputStream {
        final AtomicLong taken = new AtomicLong();
        final CountDownLatch closed = new CountDownLatch(1);
        private final long length;

        Source(long length) {
            this.length = length;
        }

        @Override
        public int read() {
            return taken.getAndIncrement() < length ? 0 : -1;
        }

        @Override
        public int read(byte[] target, int offset, int wanted) throws IOException {
            long left = length - taken.get();
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(wanted, left);
            taken.addAndGet(count);
            Arrays.fill(target, offset, offset + count, (byte) 0);
            return count;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    private final List<Source> made = new ArrayList<>();
    private final Semaphore go = new Semaphore(0);
    private final CompletableFuture<InputStream> kept = new CompletableFuture<>();

    private final class Implementation implements Files {
        @Override
        public byte[] digest(InputStream content) throws Broken {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                byte[] buffer = new byte[100_000];
                for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                    digest.update(buffer, 0, n);
                }
                return digest.digest();
            } catch (IOException e) {
                throw new Broken();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public InputStream zeros(long length) {
            Source source = new Source(length);
            made.add(source);
            return source;
        }

        @Override
        public InputStream open(int which) {
            return new ByteArrayInputStream(new byte[] {(byte) which});
        }

        @Override
        public InputStream reversed(InputStream content) throws Broken {
            try {
                byte[] all = content.readAllBytes();
                for (int i = 0, j = all.length - 1; i < j; i++, j--) {
                    byte b = all[i];
                    all[i] = all[j];
                    all[j] = b;
                }
                return new ByteArrayInputStream(all);
            } catch (IOException e) {
                throw new Broken();
            }
        }

        @Override
        public int first(InputStream content) throws Broken {
            try {
                return content.read();
            } catch (IOException e) {
                throw new Broken();
            }
        }

        @Override
        public InputStream keep(InputStream content) {
            kept.complete(content);
            return InputStream.nullInputStream();
        }

        @Override
        public InputStream slow() {
            Source source = new Source(Long.MAX_VALUE) {
                @Override
                public int read(byte[] target, int offset, int wanted) throws IOException {
                    go.acquireUninterruptibly();
                    return super.read(target, offset, 1);
                }
            };
            made.add(source);
            return source;
        }

        @Override
        public InputStream failing() {
            Source source = new Source(0) {
                @Override
                public int read(byte[] target, int offset, int wanted) throws IOException {
                    throw new IOException("a secret in a message");
                }
            };
            made.add(source);
            return source;
        }

        @Override
        public int add(int a, int b) {
            return a + b;
        }
    }

    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private Link link;
    private CallPeer serving;
    private CallPeer calling;
    private Files files;

    Link link() throws IOException {
        return new Link();
    }

    @BeforeEach
    void connect() throws IOException {
        link = link();
        serving = link.far(Disclosure.TO_CLIENT)
                .failures(failures::add)
                .offer(Files.class, new Implementation())
                .start();
        calling = link.near(Disclosure.TO_CLIENT).start();
        files = calling.bind(Files.class, LONG);
    }

    @AfterEach
    void end() throws IOException {
        serving.close();
        calling.close();
        link.close();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 262_144, 1_000_000, 20_000_000})
    void anArgumentIsReadWholeWhateverItsLength(int length) throws Exception {
        byte[] content = random(length);
        assertThat(files.digest(new ByteArrayInputStream(content))).isEqualTo(Bytes.sha256(content).toArray());
    }

    @Test
    void bytesComeBackAsTheyWentWhateverTheirPieces() {
        qt().withExamples(60)
                .forAll(integers().between(0, 300_000), integers().between(1, 90_000))
                .checkAssert((length, step) -> {
                    byte[] content = random(length);
                    // A source that gives odd pieces.
                    InputStream odd = new ByteArrayInputStream(content) {
                        @Override
                        public synchronized int read(byte[] target, int offset, int wanted) {
                            return super.read(target, offset, Math.min(wanted, step));
                        }
                    };
                    byte[] back;
                    try (InputStream reversed = files.reversed(odd)) {
                        back = reversed.readAllBytes();
                    } catch (IOException | Broken e) {
                        throw new AssertionError(e);
                    }
                    assertThat(back).hasSize(length);
                    for (int i = 0; i < length; i++) {
                        assertThat(back[i]).isEqualTo(content[length - 1 - i]);
                    }
                });
    }

    @Test
    void aResultIsReadAtTheReadersPaceAndClosedAtItsEnd() throws Exception {
        try (InputStream zeros = files.zeros(10_000_000)) {
            assertThat(zeros.readNBytes(100_000)).hasSize(100_000);
            // Two pieces used, four ahead: no more is taken from the source until more is read.
            assertThat(made.getFirst().taken.get()).isLessThanOrEqualTo(6L * 65_536);
            assertThat(zeros.transferTo(OutputStream.nullOutputStream())).isEqualTo(9_900_000);
            assertThat(zeros.read()).isEqualTo(-1);
        }
        assertThat(made.getFirst().closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void closingAResultEarlyClosesItsSource() throws Exception {
        InputStream zeros = files.zeros(Long.MAX_VALUE);
        assertThat(zeros.read()).isZero();
        zeros.close();

        assertThat(made.getFirst().closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatIOException().isThrownBy(zeros::read).withMessageContaining("closed");
    }

    @Test
    void theEndOfTheConnectionClosesSourcesAndFailsReaders() throws Exception {
        InputStream zeros = files.zeros(Long.MAX_VALUE);
        assertThat(zeros.read()).isZero();

        calling.close();

        assertThat(made.getFirst().closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatIOException().isThrownBy(() -> zeros.transferTo(OutputStream.nullOutputStream()));
    }

    @Test
    void anArgumentEndsWithItsCallAndIsLeftToItsOwner() throws Exception {
        Source mine = new Source(10_000_000);
        try (InputStream none = files.keep(mine)) {
            assertThat(none.read()).isEqualTo(-1);
        }
        InputStream late = kept.get(10, TimeUnit.SECONDS);
        assertThatIOException().isThrownBy(late::read).withMessageContaining("answered");
        assertThat(mine.closed.getCount()).as("whoever gave it closes it").isEqualTo(1);
    }

    @Test
    void aSourceThatFailsBreaksTheStreamAndTellsNothing() {
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("a secret in a message");
            }
        };
        assertThatExceptionOfType(Broken.class).isThrownBy(() -> files.digest(failing));
        assertThat(failures).isEmpty();
    }

    @Test
    void aSourceThatGivesNothingMeetsTheDeadlineAndOtherCallsGoOn() throws Exception {
        Files hasty = calling.bind(Files.class, Duration.ofMillis(300));
        try (InputStream slow = hasty.slow()) {
            assertThat(files.add(1, 2)).isEqualTo(3);
            assertThatIOException().isThrownBy(slow::read);
            assertThat(made.getFirst().closed.await(10, TimeUnit.SECONDS)).as("nobody will read it").isTrue();
            assertThat(files.add(1, 2)).isEqualTo(3);
            assertEveryPlaceIsFree();
        } finally {
            go.release(1000);
        }
    }

    private void assertEveryPlaceIsFree() throws IOException {
        List<InputStream> open = new ArrayList<>();
        for (int i = 0; i < Streams.MAX_OPEN; i++) {
            open.add(files.open(i));
        }
        for (InputStream each : open) {
            each.close();
        }
    }

    @Test
    void aStreamThatBrokeGivesItsPlaceBackAndItsSourceIsClosed() throws Exception {
        for (int i = 0; i < 2 * Streams.MAX_OPEN; i++) {
            // Not closed by its reader: it broke, and there is nothing more to read.
            InputStream failing = files.failing();
            assertThatIOException().isThrownBy(failing::read).withMessageContaining("broke");
            assertThat(made.get(i).closed.await(10, TimeUnit.SECONDS)).isTrue();
            failing.close();
        }
        assertEveryPlaceIsFree();
    }

    @Test
    void aReaderThatIsInterruptedGivesThePlaceBackAndTheSourceIsClosed() throws Exception {
        InputStream slow = files.slow();
        CountDownLatch interrupted = new CountDownLatch(1);
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                slow.read();
            } catch (IOException e) {
                interrupted.countDown();
            }
        });
        reader.interrupt();
        interrupted.await();
        assertThat(made.getFirst().closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertEveryPlaceIsFree();
        go.release(1000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 10, 1 << 16, 1 << 20})
    void piecesFitIntoTheFramesOfWhoSendsThem(int maxFrameBytes) throws Exception {
        CallLimits limits = new CallLimits(maxFrameBytes, 8, 64, maxFrameBytes);
        try (Link other = new Link();
                CallPeer far = other.far(Disclosure.TO_CLIENT)
                        .limits(limits)
                        .offer(Files.class, new Implementation())
                        .start();
                CallPeer near = other.near(Disclosure.TO_CLIENT).start()) {
            try (InputStream zeros = near.bind(Files.class, LONG).zeros(300_000)) {
                assertThat(zeros.readAllBytes()).hasSize(300_000);
            }
            assertThat(far.closed()).isNotDone();
        }
    }

    @Test
    void manyStreamsGoAtOnceBesideEachOther() throws Exception {
        byte[] content = random(300_000);
        List<CompletableFuture<byte[]>> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return files.digest(new ByteArrayInputStream(content));
                        } catch (Broken e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    Thread::startVirtualThread));
        }
        for (CompletableFuture<byte[]> each : all) {
            assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo(Bytes.sha256(content).toArray());
        }
    }

    @Test
    void noMoreStreamsAreOpenThanAllowedAndClosedOnesGiveTheirPlaceBack() throws Exception {
        List<InputStream> open = new ArrayList<>();
        for (int i = 0; i < Streams.MAX_OPEN; i++) {
            open.add(files.zeros(Long.MAX_VALUE));
        }
        assertThatExceptionOfType(CallException.class).isThrownBy(() -> files.zeros(1));
        assertThat(made.getLast().closed.await(10, TimeUnit.SECONDS)).as("one that finds no place").isTrue();
        open.getFirst().close();
        made.getFirst().closed.await();
        try (InputStream one = files.zeros(1)) {
            assertThat(one.readAllBytes()).hasSize(1);
        }
    }

    @Test
    void theOtherEndReachesItsOwnStreamsOnlyAndInOrder() throws Exception {
        StreamSource source = calling.bind(StreamSource.SCHEMA, LONG);
        assertThatExceptionOfType(CallException.class)
                .as("without a stream there is nothing to call")
                .isThrownBy(() -> source.read(1, 0))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(CallException.Code.NOT_OFFERED));
        try (InputStream zeros = files.zeros(200_000)) {
            assertThat(zeros.read()).isZero();
            // Piece 0 has been given; it is not given again.
            assertThatExceptionOfType(StreamBrokenException.class).isThrownBy(() -> source.read(1, 0));
        }
        source.stop(77);
        assertThatExceptionOfType(StreamBrokenException.class).isThrownBy(() -> source.read(-1, Long.MIN_VALUE));
    }

    @Test
    void aStreamInsideAnotherTypeIsRefusedAndSaysWhatToDo() {
        record Holder(InputStream content) {}
        interface Bad {
            void take(Holder holder);
        }
        interface AlsoBad {
            List<InputStream> all();
        }
        interface Kind {
            void take(FileInputStream file);
        }
        assertThatExceptionOfType(UncarriableTypeException.class)
                .isThrownBy(() -> ServiceSchema.of(Bad.class))
                .withMessageContaining("whole parameter");
        assertThatExceptionOfType(UncarriableTypeException.class).isThrownBy(() -> ServiceSchema.of(AlsoBad.class));
        assertThatExceptionOfType(UncarriableTypeException.class)
                .isThrownBy(() -> ServiceSchema.of(Kind.class))
                .withMessageContaining("java.io.InputStream");
    }

    @Test
    void theSchemaNamesStreams() {
        assertThat(ServiceSchema.of(Files.class).text()).contains("method digest(stream): bytes").contains("method zeros(int64): stream");
    }
}
