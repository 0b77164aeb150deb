package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;

/** The published vectors of the age format (C2SP/CCTV): a few lines of expectation, an empty line, the file. */
class AgeVectorsTest {
    /** The nonce counts as part of the payload here, as the specification has it, and as part of the header in the vectors. */
    private static final Set<String> CUT_IN_NONCE = Set.of("stream_no_nonce", "stream_short_nonce");

    /** Wrong whoever reads them: a passphrase stanza that is not alone. */
    private static final Set<String> BAD_FOR_ALL = Set.of("scrypt_and_x25519", "scrypt_double");

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Vector(String name, List<String> expectations, byte[] file) {
        static Vector read(Path path) {
            try {
                byte[] bytes = Files.readAllBytes(path);
                int end = new String(bytes, ISO_8859_1).indexOf("\n\n");
                List<String> lines = new String(bytes, 0, end, UTF_8).lines().toList();
                byte[] file = Arrays.copyOfRange(bytes, end + 2, bytes.length);
                if (lines.contains("compressed: zlib")) {
                    file = new InflaterInputStream(new ByteArrayInputStream(file)).readAllBytes();
                }
                return new Vector(path.getFileName().toString(), lines, file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        List<String> values(String key) {
            return expectations.stream().filter(line -> line.startsWith(key + ": ")).map(line -> line.substring(key.length() + 2)).toList();
        }

        String expect() {
            return values("expect").getFirst();
        }

        InputStream stream() {
            InputStream in = new ByteArrayInputStream(file);
            return values("armored").contains("yes") ? Armor.reader(in) : in;
        }

        FileKey fileKey() {
            return FileKey.fromSecretBytes(fileKeyBytes());
        }

        byte[] fileKeyBytes() {
            return values("file key").isEmpty() ? new byte[0] : HexFormat.of().parseHex(values("file key").getFirst());
        }

        boolean forPassphrase() {
            return !values("passphrase").isEmpty();
        }
    }

    /** What came of opening a file: what was released, and what then went wrong. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Outcome(boolean opened, byte[] released, Optional<SealedFileException> failure) {
        Code code() {
            return failure.orElseThrow(() -> new AssertionError("the file was opened without a failure")).code();
        }
    }

    private interface Opening {
        InputStream open() throws IOException;
    }

    private static Outcome outcome(Opening opening) throws IOException {
        ByteArrayOutputStream released = new ByteArrayOutputStream();
        boolean opened = false;
        try (InputStream in = opening.open()) {
            opened = true;
            // Odd sizes, so that reads do not happen to end where chunks do.
            byte[] part = new byte[1000];
            for (int count = in.read(part); count >= 0; count = in.read(part)) {
                released.write(part, 0, count);
            }
            return new Outcome(true, released.toByteArray(), Optional.empty());
        } catch (SealedFileException e) {
            return new Outcome(opened, released.toByteArray(), Optional.of(e));
        }
    }

    @TestFactory
    Stream<DynamicTest> vectorGivesWhatItMustForItsIdentities() throws IOException {
        return forEach(vector -> !vector.forPassphrase(), 110, vector -> {
            List<Identity> identities = new ArrayList<>();
            for (String text : vector.values("identity")) {
                identities.add(Identity.parse(text));
            }
            Outcome outcome = outcome(() -> SealedFile.unseal(vector.stream(), identities));
            switch (vector.expect()) {
                case "success" -> {
                    assertThat(outcome.failure()).isEmpty();
                    assertPayload(vector, outcome);
                    try (FileKey key = SealedFile.unwrap(vector.stream(), identities); FileKey expected = vector.fileKey()) {
                        assertThat(key.matches(expected)).isTrue();
                    }
                }
                case "no match" -> {
                    assertThat(outcome.opened()).isFalse();
                    assertThat(outcome.code()).isEqualTo(Code.NO_IDENTITY_MATCHED);
                }
                case "HMAC failure" -> {
                    assertThat(outcome.opened()).isFalse();
                    assertThat(outcome.code()).isEqualTo(Code.HEADER_MAC);
                }
                case "header failure" -> {
                    assertThat(outcome.opened()).isFalse();
                    assertThat(outcome.code()).isEqualTo(vector.name().equals("version_unsupported") ? Code.UNSUPPORTED
                        : CUT_IN_NONCE.contains(vector.name()) ? Code.PAYLOAD_TRUNCATED : Code.HEADER_MALFORMED);
                }
                case "armor failure" -> assertThat(outcome.code()).isEqualTo(Code.ARMOR_MALFORMED);
                case "payload failure" -> {
                    assertThat(outcome.opened()).isTrue();
                    assertThat(outcome.code()).isIn(Code.PAYLOAD_MODIFIED, Code.PAYLOAD_TRUNCATED, Code.PAYLOAD_TRAILING_BYTES);
                    assertPayload(vector, outcome);
                }
                default -> throw new AssertionError("unknown expectation " + vector.expect());
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> vectorForAPassphraseEndsInAClearRefusal() throws IOException {
        return forEach(Vector::forPassphrase, 20, vector -> {
            Outcome outcome = outcome(() -> SealedFile.unseal(vector.stream(), List.of(Samples.identity(1))));
            assertThat(outcome.opened()).isFalse();
            if (BAD_FOR_ALL.contains(vector.name())) {
                assertThat(outcome.code()).isEqualTo(Code.HEADER_MALFORMED);
            } else if (vector.expect().equals("header failure")) {
                // What is wrong may lie in a stanza that is not understood and so ignored.
                assertThat(outcome.code()).isIn(Code.HEADER_MALFORMED, Code.NO_IDENTITY_MATCHED);
            } else {
                assertThat(outcome.code()).isEqualTo(Code.NO_IDENTITY_MATCHED);
            }
        });
    }

    /** Every file for one kind, read with an identity of the other, ends as a file for somebody else, or is wrong for both. */
    @TestFactory
    Stream<DynamicTest> hybridVectorIsForSomebodyElseToAClassicIdentity() throws IOException {
        return forEach(vector -> vector.name().startsWith("hybrid"), 15, vector -> {
            Outcome outcome = outcome(() -> SealedFile.unseal(vector.stream(), List.of(Samples.identity(KeyKind.CLASSIC, 1))));
            assertThat(outcome.opened()).isFalse();
            assertThat(outcome.code()).isIn(Code.NO_IDENTITY_MATCHED, Code.HEADER_MALFORMED);
            if (vector.expect().equals("success")) {
                assertThat(outcome.code()).isEqualTo(Code.NO_IDENTITY_MATCHED);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> fileKeyOpensVectorWhoeverItWasSealedTo() throws IOException {
        return forEach(vector -> vector.fileKeyBytes().length == FileKey.LENGTH, 120, vector -> {
            try (FileKey key = vector.fileKey()) {
                Outcome outcome = outcome(() -> SealedFile.open(vector.stream(), key));
                switch (vector.expect()) {
                    case "success" -> {
                        assertThat(outcome.failure()).isEmpty();
                        assertPayload(vector, outcome);
                    }
                    case "payload failure" -> {
                        assertThat(outcome.opened()).isTrue();
                        assertThat(outcome.failure()).isPresent();
                        assertPayload(vector, outcome);
                    }
                    case "HMAC failure" -> assertThat(outcome.code()).isEqualTo(Code.HEADER_MAC);
                    case "armor failure" -> assertThat(outcome.code()).isEqualTo(Code.ARMOR_MALFORMED);
                    // What is wrong may lie in a wrapped key, which is not looked at here.
                    default -> outcome.failure().ifPresent(e -> assertThat(outcome.opened()).isFalse());
                }
            }
        });
    }

    private static void assertPayload(Vector vector, Outcome outcome) {
        assertThat(Bytes.sha256(outcome.released()).hex()).isEqualTo(vector.values("payload").getFirst());
    }

    private interface Check {
        void check(Vector vector) throws IOException;
    }

    /** One test for each vector; where they are missing, one that is skipped and says so. */
    private static Stream<DynamicTest> forEach(Predicate<Vector> which, int atLeast, Check check) throws IOException {
        Path folder;
        try {
            folder = Samples.standards("age");
        } catch (TestAbortedException e) {
            return Stream.of(dynamicTest("published vectors", () -> {
                throw e;
            }));
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Vector> vectors = files.filter(Files::isRegularFile).sorted().map(Vector::read).filter(which).toList();
            assertThat(vectors).hasSizeGreaterThan(atLeast);
            return vectors.stream().map(vector -> dynamicTest(vector.name(), () -> check.check(vector)));
        }
    }

    @Test
    void examplesOfTheSpecificationAreReproduced() throws IOException {
        byte[] scalar = new byte[32];
        Arrays.fill(scalar, (byte) 0x42);
        String text = new String(Bech32.encode("AGE-SECRET-KEY-", scalar), US_ASCII);
        assertThat(text).isEqualTo("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX");
        assertThat(Identity.parse(text).recipient()).hasToString("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj");
    }
}
