package org.innerkeep.channel.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SealedFileTest {
    private static final int CHUNK = PayloadCipher.CHUNK;
    private static final int SEALED_CHUNK = PayloadCipher.SEALED_CHUNK;

    private final Identity owner = Samples.identity(1);
    private final Identity stranger = Samples.identity(2);

    @Test
    void roundTripHoldsForAnySizeAndAnySizesOfWritesAndReads() {
        qt().withFixedSeed(20260101).withExamples(80).forAll(integers().between(0, 3 * CHUNK + 2), longs().all())
            .checkAssert((size, seed) -> {
                Random sizes = new Random(seed);
                // Around the borders of chunks more often than chance would have it.
                int length = sizes.nextInt(3) == 0 ? Math.max(0, CHUNK * sizes.nextInt(4) + sizes.nextInt(3) - 1) : size;
                byte[] plaintext = Samples.plaintext(length);
                try {
                    assertThat(readInPieces(sealInPieces(plaintext, sizes), sizes)).isEqualTo(plaintext);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
    }

    private byte[] sealInPieces(byte[] plaintext, Random sizes) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OutputStream out = SealedFile.seal(file, List.of(owner.recipient()), Samples.random(3))) {
            for (int at = 0; at < plaintext.length; ) {
                if (sizes.nextInt(4) == 0) {
                    out.write(plaintext[at++]);
                } else {
                    int count = Math.min(plaintext.length - at, 1 + sizes.nextInt(2 * CHUNK));
                    out.write(plaintext, at, count);
                    at += count;
                }
            }
        }
        return file.toByteArray();
    }

    private byte[] readInPieces(byte[] file, Random sizes) throws IOException {
        ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
        try (InputStream in = SealedFile.unseal(dribble(new ByteArrayInputStream(file), sizes), List.of(owner))) {
            byte[] part = new byte[2 * CHUNK];
            while (true) {
                int want = 1 + sizes.nextInt(part.length);
                int count = want == 1 ? in.read() : in.read(part, 0, want);
                if (count < 0) {
                    assertThat(in.read()).isEqualTo(-1);
                    return plaintext.toByteArray();
                }
                if (want == 1) {
                    plaintext.write(count);
                } else {
                    assertThat(count).isPositive();
                    plaintext.write(part, 0, count);
                }
            }
        }
    }

    /** A source that gives fewer bytes than it is asked for, as sockets do. */
    private static InputStream dribble(InputStream in, Random sizes) {
        return new FilterInputStream(in) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return super.read(into, offset, length == 0 ? 0 : 1 + sizes.nextInt(Math.min(length, 5000)));
            }
        };
    }

    @Test
    void sealedFileHasTheSizeThatTheFormatGives() throws IOException {
        for (int length : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK}) {
            byte[] file = Samples.seal(Samples.plaintext(length), owner);
            int chunks = Math.max(1, (length + CHUNK - 1) / CHUNK);
            assertThat(file.length - Samples.headerLength(file)).isEqualTo(16 + length + 16 * chunks);
        }
    }

    @Test
    void everyRecipientOpensAndNobodyElse() throws IOException {
        byte[] plaintext = Samples.plaintext(100);
        Identity second = Samples.identity(3);
        byte[] file = Samples.seal(plaintext, owner, second);
        assertThat(Samples.unseal(file, owner)).isEqualTo(plaintext);
        assertThat(Samples.unseal(file, second)).isEqualTo(plaintext);
        assertThat(Samples.unseal(file, stranger, second)).isEqualTo(plaintext);
        refused(Code.NO_IDENTITY_MATCHED, () -> Samples.unseal(file, stranger));
        refused(Code.NO_IDENTITY_MATCHED, () -> Samples.unseal(file));
        refused(Code.NO_IDENTITY_MATCHED, () -> Samples.unwrap(file, stranger));
    }

    @ParameterizedTest
    @EnumSource
    void filesOfEitherKindOpenForTheirRecipientsAmongIdentitiesOfBothKinds(KeyKind kind) throws IOException {
        byte[] plaintext = Samples.plaintext(100);
        Identity first = Samples.identity(kind, 3);
        Identity second = Samples.identity(kind, 4);
        byte[] file = Samples.seal(plaintext, first, second);
        for (KeyKind other : KeyKind.values()) {
            assertThat(Samples.unseal(file, Samples.identity(other, 5), second)).isEqualTo(plaintext);
            refused(Code.NO_IDENTITY_MATCHED, () -> Samples.unseal(file, Samples.identity(other, 5)));
        }
        // The same 32 bytes as a key of the other kind open nothing.
        KeyKind wrong = kind == KeyKind.HYBRID ? KeyKind.CLASSIC : KeyKind.HYBRID;
        refused(Code.NO_IDENTITY_MATCHED, () -> Samples.unseal(file, Samples.identity(wrong, 3)));
    }

    @Test
    void recipientsOfBothKindsAreRefusedBeforeAnythingIsWritten() {
        List<Recipient> mixed = List.of(owner.recipient(), Samples.identity(KeyKind.CLASSIC, 3).recipient());
        for (List<Recipient> recipients : List.of(mixed, mixed.reversed())) {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            refused(Code.RECIPIENTS_MIXED, () -> SealedFile.seal(file, recipients, Samples.random(1)).close());
            refused(Code.RECIPIENTS_MIXED,
                () -> SealedFile.seal(new ByteArrayInputStream(new byte[9]), file, recipients, Samples.random(1)));
            assertThat(file.size()).isZero();
        }
    }

    @Test
    void fileKeyOpensItsFileAndNoOther() throws IOException {
        byte[] plaintext = Samples.plaintext(100);
        byte[] file = Samples.seal(plaintext, 7, owner);
        byte[] other = Samples.seal(plaintext, 8, owner);
        try (FileKey key = Samples.unwrap(file, owner)) {
            assertThat(Samples.open(file, key)).isEqualTo(plaintext);
            refused(Code.HEADER_MAC, () -> Samples.open(other, key));
        }
    }

    @Test
    void nothingRepeatsBetweenTwoFilesOfTheSamePlaintext() throws IOException {
        byte[] plaintext = Samples.plaintext(100);
        try (FileKey one = Samples.unwrap(Samples.seal(plaintext, 7, owner), owner);
             FileKey two = Samples.unwrap(Samples.seal(plaintext, 8, owner), owner)) {
            assertThat(one.matches(two)).isFalse();
        }
        Header header = Header.read(new ByteArrayInputStream(Samples.seal(plaintext, owner, owner)));
        assertThat(header.stanzas().get(0)).isNotEqualTo(header.stanzas().get(1));
    }

    @Test
    void unwrapReadsTheHeaderAndNoFurther() throws IOException {
        byte[] file = Samples.seal(Samples.plaintext(100), owner);
        ByteArrayInputStream in = new ByteArrayInputStream(file);
        SealedFile.unwrap(in, List.of(owner)).close();
        assertThat(in.available()).isEqualTo(file.length - Samples.headerLength(file));
    }

    @Test
    void keysMayBeClosedOnceTheFileIsOpen() throws IOException {
        byte[] plaintext = Samples.plaintext(3 * CHUNK);
        byte[] file = Samples.seal(plaintext, owner);
        FileKey key = Samples.unwrap(file, owner);
        InputStream in = SealedFile.open(new ByteArrayInputStream(file), key);
        key.close();
        assertThat(in.readAllBytes()).isEqualTo(plaintext);
    }

    @Test
    void anyChangedByteIsNoticed() throws IOException {
        byte[] file = Samples.seal(Samples.plaintext(40), owner);
        try (FileKey key = Samples.unwrap(file, owner)) {
            for (int at = 0; at < file.length; at++) {
                for (int change : new int[] {0x01, 0x20, 0x80}) {
                    byte[] changed = file.clone();
                    changed[at] ^= (byte) change;
                    assertThatThrownBy(() -> Samples.unseal(changed, owner)).as("byte %d ^ %d", at, change)
                        .isInstanceOf(SealedFileException.class);
                    assertThatThrownBy(() -> Samples.open(changed, key)).as("byte %d ^ %d", at, change)
                        .isInstanceOf(SealedFileException.class);
                }
            }
        }
    }

    @Test
    void anyCutIsNoticed() throws IOException {
        byte[] file = Samples.seal(Samples.plaintext(40), owner);
        for (int length = 0; length < file.length; length++) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> Samples.unseal(cut, owner)).as("cut to %d", length).isInstanceOf(SealedFileException.class);
        }
        byte[] longer = Arrays.copyOf(file, file.length + 1);
        refused(Code.PAYLOAD_MODIFIED, () -> Samples.unseal(longer, owner));
    }

    @Test
    void cutBetweenChunksIsTruncation() throws IOException {
        byte[] file = Samples.seal(Samples.plaintext(3 * CHUNK), owner);
        int payload = Samples.headerLength(file) + 16;
        refused(Code.PAYLOAD_TRUNCATED, () -> Samples.unseal(Arrays.copyOf(file, payload), owner));
        refused(Code.PAYLOAD_TRUNCATED, () -> Samples.unseal(Arrays.copyOf(file, payload + SEALED_CHUNK), owner));
        refused(Code.PAYLOAD_TRUNCATED, () -> Samples.unseal(Arrays.copyOf(file, payload + 2 * SEALED_CHUNK), owner));
        refused(Code.PAYLOAD_TRAILING_BYTES, () -> Samples.unseal(Arrays.copyOf(file, file.length + 1), owner));
    }

    @Test
    void chunkMovedRepeatedDroppedOrFromAnotherFileIsNoticed() throws IOException {
        byte[] file = Samples.seal(Samples.plaintext(3 * CHUNK), 7, owner);
        byte[] other = Samples.seal(Samples.plaintext(3 * CHUNK), 8, owner);
        assertThat(Samples.unseal(chunks(file, file, 0, 1, 2), owner)).hasSize(3 * CHUNK);
        for (int[] order : new int[][] {{1, 0, 2}, {0, 2}, {0, 0, 1, 2}, {0, 1, 1, 2}, {1, 2}, {2}}) {
            refused(Code.PAYLOAD_MODIFIED, () -> Samples.unseal(chunks(file, file, order), owner));
        }
        refused(Code.PAYLOAD_TRAILING_BYTES, () -> Samples.unseal(chunks(file, file, 0, 1, 2, 2), owner));
        refused(Code.PAYLOAD_MODIFIED, () -> Samples.unseal(chunks(file, other, 0, 1, 2), owner));
    }

    /** The header and nonce of one file, and whole chunks of another in the order given. */
    private static byte[] chunks(byte[] front, byte[] back, int... order) throws IOException {
        int payload = Samples.headerLength(front) + 16;
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(front, 0, payload);
        for (int chunk : order) {
            file.write(back, payload + chunk * SEALED_CHUNK, SEALED_CHUNK);
        }
        return file.toByteArray();
    }

    private static final class FailingStream extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("the disk is on fire");
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            throw new IOException("the disk is on fire");
        }
    }

    @Test
    void plaintextBeforeAFaultIsGivenAndTheFaultIsReportedAgainAndAgain() throws IOException {
        byte[] plaintext = Samples.plaintext(2 * CHUNK);
        byte[] file = Samples.seal(plaintext, owner);
        file[file.length - 1] ^= 1;
        InputStream in = SealedFile.unseal(new ByteArrayInputStream(file), List.of(owner));
        assertThat(in.readNBytes(CHUNK)).isEqualTo(Arrays.copyOf(plaintext, CHUNK));
        for (int i = 0; i < 3; i++) {
            refused(Code.PAYLOAD_MODIFIED, in::read);
            refused(Code.PAYLOAD_MODIFIED, () -> in.read(new byte[10]));
            assertThat(in.available()).isZero();
        }
        in.close();
        assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessageContaining("closed");
    }

    @Test
    void failureOfTheSourceIsReportedAgainAndNeverTakenForTheEnd() throws IOException {
        byte[] file = Samples.seal(Samples.plaintext(2 * CHUNK), owner);
        int cut = Samples.headerLength(file) + 16 + SEALED_CHUNK + 100;
        InputStream failing = new SequenceInputStream(new ByteArrayInputStream(file, 0, cut), new FailingStream());
        InputStream in = SealedFile.unseal(failing, List.of(owner));
        assertThat(in.readNBytes(CHUNK)).hasSize(CHUNK);
        assertThatThrownBy(in::readAllBytes).hasMessage("the disk is on fire");
        assertThatThrownBy(in::readAllBytes).hasMessage("the disk is on fire");
    }

    @Test
    void sealingHoldsBackNoMoreThanOneChunk() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        OutputStream out = SealedFile.seal(file, List.of(owner.recipient()), Samples.random(3));
        int header = file.size();
        assertThat(header).isPositive();
        byte[] part = new byte[1000];
        for (long written = 0; written < 2_000_000; written += part.length) {
            assertThat(written - (file.size() - header)).isLessThanOrEqualTo(CHUNK);
            out.write(part);
        }
        out.close();
        assertThat(Samples.unseal(file.toByteArray(), owner)).hasSize(2_000_000);
    }

    @Test
    void unsealingReadsNoMoreThanAChunkAhead() throws IOException {
        byte[] file = Samples.seal(Samples.plaintext(32 * CHUNK), owner);
        ByteArrayInputStream source = new ByteArrayInputStream(file);
        InputStream in = SealedFile.unseal(source, List.of(owner));
        int released = 0;
        while (in.read() >= 0) {
            released += 1 + in.readNBytes(999).length;
            assertThat(file.length - source.available()).isLessThan(released + CHUNK + 16 * 33 + 16 * 1024);
        }
        assertThat(released).isEqualTo(32 * CHUNK);
    }

    @Test
    void fileWhoseStreamIsNeverClosedIsTruncated() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        OutputStream out = SealedFile.seal(file, List.of(owner.recipient()), Samples.random(3));
        out.write(new byte[CHUNK + 1]);
        out.flush();
        refused(Code.PAYLOAD_TRUNCATED, () -> Samples.unseal(file.toByteArray(), owner));
        out.close();
        assertThat(Samples.unseal(file.toByteArray(), owner)).hasSize(CHUNK + 1);
        int finished = file.size();
        out.close();
        assertThat(file.size()).isEqualTo(finished);
        assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
    }

    @Test
    void sealingASourceThatFailsLeavesATruncatedFile() {
        InputStream failing = new SequenceInputStream(new ByteArrayInputStream(new byte[3 * CHUNK]), new FailingStream());
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        assertThatThrownBy(() -> SealedFile.seal(failing, file, List.of(owner.recipient()), Samples.random(3)))
            .hasMessage("the disk is on fire");
        refused(Code.PAYLOAD_TRUNCATED, () -> Samples.unseal(file.toByteArray(), owner));
    }

    @Test
    void sealingASourceLeavesTheTargetOpenAndCountsPlaintext() throws IOException {
        boolean[] closed = new boolean[1];
        ByteArrayOutputStream file = new ByteArrayOutputStream() {
            @Override
            public void close() {
                closed[0] = true;
            }
        };
        byte[] plaintext = Samples.plaintext(CHUNK + 5);
        long count = SealedFile.seal(new ByteArrayInputStream(plaintext), file, List.of(owner.recipient()), Samples.random(3));
        assertThat(count).isEqualTo(plaintext.length);
        assertThat(closed[0]).isFalse();
        assertThat(Samples.unseal(file.toByteArray(), owner)).isEqualTo(plaintext);
        SealedFile.seal(file, List.of(owner.recipient()), Samples.random(3)).close();
        assertThat(closed[0]).isTrue();
    }

    @Test
    void afterAFailedWriteClosingFailsTooAndTheFileStaysTruncated() throws IOException {
        boolean[] broken = new boolean[1];
        boolean[] closed = new boolean[1];
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        OutputStream target = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (broken[0]) {
                    broken[0] = false;
                    throw new IOException("no space left");
                }
                file.write(bytes, offset, length);
            }

            @Override
            public void close() {
                closed[0] = true;
            }
        };
        assertThatThrownBy(() -> {
            try (OutputStream out = SealedFile.seal(target, List.of(owner.recipient()), Samples.random(3))) {
                broken[0] = true;
                out.write(new byte[2 * CHUNK]);
            }
        }).hasMessage("no space left").hasSuppressedException(new IOException("an earlier write failed, the sealed file is incomplete"));
        assertThat(closed[0]).isTrue();
        refused(Code.PAYLOAD_TRUNCATED, () -> Samples.unseal(file.toByteArray(), owner));
    }

    @Test
    void refusesToSealToNobodyOrToTooMany() {
        assertThatThrownBy(() -> SealedFile.seal(OutputStream.nullOutputStream(), List.of(), Samples.random(1)))
            .isInstanceOf(IllegalArgumentException.class);
        List<Recipient> many = Collections.nCopies(SealedFile.MAX_RECIPIENTS + 1, owner.recipient());
        assertThatThrownBy(() -> SealedFile.seal(OutputStream.nullOutputStream(), many, Samples.random(1)))
            .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource
    void opensAFileOfTheMostRecipients(KeyKind kind) throws IOException {
        Identity owner = Samples.identity(kind, 3);
        List<Recipient> many = Collections.nCopies(SealedFile.MAX_RECIPIENTS, owner.recipient());
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SealedFile.seal(file, many, Samples.random(1)).close();
        assertThat(Samples.unseal(file.toByteArray(), owner)).isEmpty();
    }

    @Test
    void headerIsBounded() {
        String version = "age-encryption.org/v1\n";
        refused(Code.HEADER_MALFORMED, () -> Header.read(endless("", "x")));
        refused(Code.HEADER_MALFORMED, () -> Header.read(endless(version + "-> x ", "y")));
        refused(Code.HEADER_MALFORMED, () -> Header.read(endless(version + "-> x\n", "A".repeat(64) + "\n")));
        refused(Code.HEADER_MALFORMED, () -> Header.read(endless(version, "-> x\n\n")));
    }

    private static InputStream endless(String start, String repeated) {
        byte[] block = repeated.getBytes(StandardCharsets.US_ASCII);
        return new SequenceInputStream(new ByteArrayInputStream(start.getBytes(StandardCharsets.US_ASCII)), new InputStream() {
            private int at;

            @Override
            public int read() {
                return block[at++ % block.length];
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                into[offset] = (byte) read();
                return 1;
            }
        });
    }

    @Test
    void messagesHoldNoLineBreaksOrControlCharactersOfTheFile() {
        String file = "age-encryption.org/v1\n-> \u001b[31mred\n\n--- x\n";
        assertThatThrownBy(() -> Samples.unseal(file.getBytes(StandardCharsets.ISO_8859_1), owner))
            .message().matches("[ -~…]+");
    }

    @Test
    void armorInPlaceOfAFileIsExplained() {
        assertThatThrownBy(() -> Samples.unseal((Armor.BEGIN + "\n").getBytes(StandardCharsets.US_ASCII), owner))
            .hasMessageContaining("Armor.reader");
    }

    private static void refused(Code code, ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOfSatisfying(SealedFileException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
