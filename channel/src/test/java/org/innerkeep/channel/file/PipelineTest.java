package org.innerkeep.channel.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.channel.internal.hpke.ChaCha20Poly1305;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several threads make what one makes, refuse what one refuses, and are gone afterwards. */
class PipelineTest {
    private static final int CHUNK = PayloadCipher.CHUNK;
    private static final int SEALED_CHUNK = PayloadCipher.SEALED_CHUNK;
    private static final int BATCH = Pipeline.CHUNKS * CHUNK;
    private static final String HELPER = "sealed-file-";

    private final Identity owner = Samples.identity(1);

    private static long helpers() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith(HELPER)).count();
    }

    /** A thread that has nothing left to do may take a moment to end. */
    @AfterEach
    void noThreadIsLeft() throws InterruptedException {
        for (int i = 0; i < 1000 && helpers() > 0; i++) {
            Thread.sleep(5);
        }
        assertThat(helpers()).isZero();
    }

    private byte[] seal(InputStream from, int threads) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SealedFile.seal(from, file, List.of(owner.recipient()), Samples.random(7), Workers.of(threads));
        return file.toByteArray();
    }

    private byte[] unseal(byte[] file, int threads) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        assertThat(SealedFile.unseal(new ByteArrayInputStream(file), plain, List.of(owner), Workers.of(threads))).isEqualTo(plain.size());
        return plain.toByteArray();
    }

    /** A source that gives fewer bytes than it is asked for. */
    private static InputStream dribble(byte[] bytes, Random sizes) {
        return new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return super.read(into, offset, length == 0 ? 0 : 1 + sizes.nextInt(length));
            }
        };
    }

    @Test
    void anyNumberOfThreadsMakesTheSameFileAndOpensIt() {
        qt().withFixedSeed(20261127).withExamples(40).forAll(integers().between(0, 4 * BATCH), integers().between(1, 6), longs().all())
            .checkAssert((size, threads, seed) -> {
                Random chance = new Random(seed);
                // Around the borders of chunks and batches more often than chance would have it.
                int unit = chance.nextBoolean() ? CHUNK : BATCH;
                int length = chance.nextInt(3) > 0 ? Math.max(0, unit * chance.nextInt(5) + chance.nextInt(3) - 1) : size;
                byte[] plaintext = Samples.plaintext(length);
                byte[] bySerialStream = Samples.seal(plaintext, 7, owner);
                try {
                    assertThat(seal(dribble(plaintext, chance), threads)).isEqualTo(bySerialStream);
                    assertThat(unseal(bySerialStream, threads)).isEqualTo(plaintext);
                    try (FileKey key = Samples.unwrap(bySerialStream, owner)) {
                        ByteArrayOutputStream plain = new ByteArrayOutputStream();
                        assertThat(SealedFile.open(dribble(bySerialStream, chance), plain, key, Workers.of(threads))).isEqualTo(length);
                        assertThat(plain.toByteArray()).isEqualTo(plaintext);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
    }

    /** What was released of a file, and why no more was. */
    private record Outcome(String released, Optional<Code> code, String message) {}

    private interface Opening {
        void open(OutputStream released) throws IOException;
    }

    private static Outcome outcome(byte[] plaintext, Opening opening) throws IOException {
        ByteArrayOutputStream released = new ByteArrayOutputStream();
        Optional<SealedFileException> failure = Optional.empty();
        try {
            opening.open(released);
        } catch (SealedFileException e) {
            failure = Optional.of(e);
        }
        byte[] bytes = released.toByteArray();
        assertThat(Arrays.equals(bytes, Arrays.copyOf(plaintext, Math.min(bytes.length, plaintext.length)))).isTrue();
        return new Outcome(
            bytes.length + " bytes", failure.map(SealedFileException::code), failure.map(Throwable::getMessage).orElse("opened"));
    }

    /** Changes something of the payload; a few changes come out as no change at all. */
    private static byte[] damaged(byte[] file, int payload, Random chance) {
        int chunks = (file.length - payload + SEALED_CHUNK - 1) / SEALED_CHUNK;
        byte[] changed = file.clone();
        int one = payload + chance.nextInt(chunks) * SEALED_CHUNK;
        switch (chance.nextInt(6)) {
            case 0 -> changed[payload + chance.nextInt(file.length - payload)] ^= (byte) (1 << chance.nextInt(8));
            case 1 -> changed = Arrays.copyOf(file, payload + chance.nextInt(file.length - payload));
            case 2 -> changed = Arrays.copyOf(file, one);
            case 3 -> changed = Arrays.copyOf(file, file.length + 1 + chance.nextInt(2 * SEALED_CHUNK));
            case 4 -> {
                // Two chunks change places.
                int other = payload + chance.nextInt(chunks - 1) * SEALED_CHUNK;
                int count = Math.min(SEALED_CHUNK, file.length - one);
                System.arraycopy(file, one, changed, other, count);
                System.arraycopy(file, other, changed, one, count);
            }
            default -> {
                // One chunk is missing.
                int after = Math.min(one + SEALED_CHUNK, file.length);
                changed = Arrays.copyOf(file, file.length - (after - one));
                System.arraycopy(file, after, changed, one, file.length - after);
            }
        }
        return changed;
    }

    @Test
    void aDamagedFileIsRefusedByAnyNumberOfThreadsAsByOneAfterTheSameBytes() throws IOException {
        byte[] plaintext = Samples.plaintext(2 * BATCH + 5 * CHUNK + 100);
        byte[] file = Samples.seal(plaintext, owner);
        int payload = Samples.headerLength(file) + PayloadCipher.FILE_NONCE;
        Random chance = new Random(20261127);
        int refused = 0;
        try (FileKey key = Samples.unwrap(file, owner)) {
            for (int i = 0; i < 100; i++) {
                byte[] changed = damaged(file, payload, chance);
                int threads = 1 + i % 5;
                Outcome serial = outcome(plaintext, released -> {
                    try (InputStream in = SealedFile.open(new ByteArrayInputStream(changed), key)) {
                        byte[] part = new byte[10_000];
                        for (int count = in.read(part); count >= 0; count = in.read(part)) {
                            released.write(part, 0, count);
                        }
                    }
                });
                Outcome parallel =
                    outcome(plaintext, released -> SealedFile.open(new ByteArrayInputStream(changed), released, key, Workers.of(threads)));
                assertThat(parallel).as("damage %d, %d threads", i, threads).isEqualTo(serial);
                assertThat(serial.code().isEmpty()).as("damage %d", i).isEqualTo(Arrays.equals(changed, file));
                refused += serial.code().isPresent() ? 1 : 0;
            }
        }
        assertThat(refused).isGreaterThan(85);
    }

    /** Both ends of a copy, which notice who uses them and how far they are apart. */
    private static final class Ends {
        private final Thread owner = Thread.currentThread();
        private long read;
        private long written;
        private long apart;
        private long most;
        private long writes;

        InputStream in(InputStream from) {
            return new FilterInputStream(from) {
                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    assertThat(Thread.currentThread()).isSameAs(owner);
                    int count = super.read(into, offset, length);
                    read += Math.max(0, count);
                    apart = Math.max(apart, read - written);
                    return count;
                }
            };
        }

        OutputStream out(OutputStream to) {
            return new FilterOutputStream(to) {
                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    assertThat(Thread.currentThread()).isSameAs(owner);
                    if (++writes % 16 == 0) {
                        most = Math.max(most, helpers());
                    }
                    out.write(bytes, offset, length);
                    written += length;
                }
            };
        }
    }

    @Test
    void streamsAreUsedByTheCallersThreadOnlyAndBoundedMemoryLiesBetweenThem() throws IOException {
        byte[] plaintext = Samples.plaintext(16 * BATCH);
        for (int threads : new int[] {1, 2, 3, 5}) {
            Ends ends = new Ends();
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            SealedFile.seal(ends.in(new ByteArrayInputStream(plaintext)), ends.out(file), List.of(owner.recipient()),
                Samples.random(7), Workers.of(threads));
            assertThat(ends.most).isBetween(threads == 1 ? 0L : 1L, threads - 1L);
            assertThat(ends.apart).isLessThanOrEqualTo(threads == 1 ? CHUNK + 1L : (threads + 2L) * BATCH + 1);

            Ends back = new Ends();
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            SealedFile.unseal(back.in(new ByteArrayInputStream(file.toByteArray())), back.out(plain), List.of(owner), Workers.of(threads));
            assertThat(plain.toByteArray()).isEqualTo(plaintext);
            assertThat(back.most).isBetween(threads == 1 ? 0L : 1L, threads - 1L);
            // Besides what is in work: header, tags of the whole file, and a buffer.
            assertThat(back.apart).isLessThanOrEqualTo((threads == 1 ? CHUNK : (threads + 2L) * BATCH) + 30_000);
        }
    }

    @Test
    void aFileOfOneBatchStartsNoThread() throws IOException {
        byte[] plaintext = Samples.plaintext(BATCH);
        Ends ends = new Ends();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SealedFile.seal(ends.in(new ByteArrayInputStream(plaintext)), ends.out(file), List.of(owner.recipient()),
            Samples.random(7), Workers.of(4));
        assertThat(ends.most).isZero();
        Ends back = new Ends();
        SealedFile.unseal(new ByteArrayInputStream(file.toByteArray()), back.out(OutputStream.nullOutputStream()), List.of(owner), Workers.of(4));
        assertThat(back.most).isZero();
        assertThat(back.written).isEqualTo(BATCH);
    }

    private static InputStream failingAfter(byte[] bytes, int count, Runnable failure) {
        return new InputStream() {
            private final InputStream some = new ByteArrayInputStream(bytes, 0, count);

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int read = some.read(into, offset, length);
                if (read < 0) {
                    failure.run();
                    throw new IOException("the disk is on fire");
                }
                return read;
            }
        };
    }

    @Test
    void asMuchIsWrittenBeforeTheSourceFailsAsByOneThread() throws IOException {
        byte[] plaintext = Samples.plaintext(4 * BATCH);
        byte[] file = Samples.seal(plaintext, owner);
        for (int cut : new int[] {2 * BATCH, 2 * BATCH + CHUNK, 2 * BATCH + CHUNK + 1, 3 * BATCH + 77}) {
            ByteArrayOutputStream sealed = new ByteArrayOutputStream();
            assertThatThrownBy(() -> SealedFile.seal(
                failingAfter(plaintext, cut, () -> {}), sealed, List.of(owner.recipient()), Samples.random(7), Workers.of(3)))
                .hasMessage("the disk is on fire");
            byte[] incomplete = sealed.toByteArray();
            assertThat(incomplete).isEqualTo(Arrays.copyOf(file, incomplete.length));
            assertThatThrownBy(() -> unseal(incomplete, 3))
                .isInstanceOfSatisfying(SealedFileException.class, e -> assertThat(e.code()).isEqualTo(Code.PAYLOAD_TRUNCATED));

            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            ByteArrayOutputStream serial = new ByteArrayOutputStream();
            assertThatThrownBy(() -> SealedFile.unseal(failingAfter(file, cut, () -> {}), plain, List.of(owner), Workers.of(3)))
                .hasMessage("the disk is on fire");
            assertThatThrownBy(() -> SealedFile.unseal(failingAfter(file, cut, () -> {}), List.of(owner)).transferTo(serial))
                .hasMessage("the disk is on fire");
            assertThat(plain.toByteArray()).isEqualTo(serial.toByteArray()).hasSizeGreaterThan(BATCH);
        }
    }

    @Test
    void aTargetThatFailsEndsTheCall() {
        OutputStream full = new OutputStream() {
            private long room = BATCH + CHUNK;

            @Override
            public void write(int value) throws IOException {
                throw new IOException("no space left");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                room -= length;
                if (room < 0) {
                    throw new IOException("no space left");
                }
            }
        };
        byte[] plaintext = Samples.plaintext(6 * BATCH);
        assertThatThrownBy(() -> SealedFile.seal(
            new ByteArrayInputStream(plaintext), full, List.of(owner.recipient()), Samples.random(7), Workers.of(3))).hasMessage("no space left");
    }

    @Test
    void whatAStreamThrowsByMistakeEndsTheCallToo() {
        InputStream broken = failingAfter(new byte[3 * BATCH], 3 * BATCH, () -> {
            throw new IllegalArgumentException("a mistake");
        });
        assertThatThrownBy(() -> SealedFile.seal(
            broken, OutputStream.nullOutputStream(), List.of(owner.recipient()), Samples.random(7), Workers.of(3))).hasMessage("a mistake");
    }

    /** A source without end, that interrupts its reader. */
    private static InputStream interrupting(long after) {
        return new InputStream() {
            private long given;

            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                given += length;
                if (given > after) {
                    Thread.currentThread().interrupt();
                }
                return length;
            }
        };
    }

    @Test
    void anInterruptEndsTheCallAndLeavesATruncatedFile() {
        for (int threads : new int[] {1, 4}) {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            try {
                assertThatThrownBy(() -> SealedFile.seal(
                    interrupting(5 * BATCH), file, List.of(owner.recipient()), Samples.random(7), Workers.of(threads)))
                    .isInstanceOf(InterruptedIOException.class);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThatThrownBy(() -> unseal(file.toByteArray(), threads))
                .isInstanceOfSatisfying(SealedFileException.class, e -> assertThat(e.code()).isEqualTo(Code.PAYLOAD_TRUNCATED));
        }
    }

    @Test
    void closingABatchWipesItsKeyAndWhatItHeld() throws IOException {
        byte[] plaintext = Samples.plaintext(2 * CHUNK);
        byte[] key = Samples.plaintext(ChaCha20Poly1305.KEY);
        SealingBatch sealing = new SealingBatch(new PayloadCipher(new ChaCha20Poly1305(key)), 4);
        sealing.fill(new ChunkReader(new ByteArrayInputStream(plaintext), CHUNK), 0);
        assertThat(sealing.bytes(1)).startsWith(Arrays.copyOfRange(plaintext, CHUNK, 2 * CHUNK));
        sealing.close();
        assertThat(key).isEqualTo(new byte[key.length]);
        assertThat(sealing.bytes(1)).isEqualTo(new byte[SEALED_CHUNK]);
        assertThatThrownBy(sealing::work).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theKeyOfATwinIsItsOwn() {
        PayloadCipher cipher = new PayloadCipher(new ChaCha20Poly1305(Samples.plaintext(ChaCha20Poly1305.KEY)));
        PayloadCipher twin = cipher.twin(Optional.empty());
        cipher.close();
        byte[] sealed = new byte[SEALED_CHUNK];
        assertThat(twin.seal(0, true, new byte[10], 0, 10, sealed)).isEqualTo(10 + ChaCha20Poly1305.TAG);
        assertThatThrownBy(() -> cipher.twin(Optional.empty())).isInstanceOf(IllegalStateException.class);
        twin.close();
    }

    @Test
    void noThreadsAreRefused() {
        for (int threads : new int[] {0, -1}) {
            assertThatThrownBy(() -> Workers.of(threads)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void moreThreadsThanAreOfUseAreNotStarted() throws IOException {
        Ends ends = new Ends();
        SealedFile.seal(ends.in(new ByteArrayInputStream(new byte[40 * BATCH])), ends.out(OutputStream.nullOutputStream()),
            List.of(owner.recipient()), Samples.random(7), Workers.of(Integer.MAX_VALUE));
        assertThat(ends.most).isBetween(1L, Pipeline.MAX_THREADS - 1L);
    }
}
