package org.innerkeep.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.bundle.Samples.assertRefused;
import static org.innerkeep.bundle.Samples.inspect;
import static org.innerkeep.bundle.Samples.signed;
import static org.innerkeep.bundle.Samples.smallBundle;
import static org.innerkeep.bundle.Samples.smallManifest;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.bundle.BundleException.Code;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BundleTest {
    private static final long LIMIT = 1000;

    private final SigningKey key = SigningKey.generate(Algorithm.ED25519);

    @TempDir
    Path dir;

    private Bundle unpack(byte[] bundle, Path folder) throws IOException, BundleException {
        return Bundle.unpack(new ByteArrayInputStream(bundle), folder, LIMIT);
    }

    private List<Path> everythingIn(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> !path.equals(folder)).toList();
        }
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void unpacksWhatWasSigned(Algorithm algorithm) throws Exception {
        SigningKey signer = SigningKey.generate(algorithm);
        Path target = dir.resolve("target");
        Bundle bundle = unpack(smallBundle(signer), target);

        assertThat(bundle.manifest()).isEqualTo(smallManifest());
        assertThat(bundle.signer()).isEqualTo(signer.publicKey());
        assertThat(bundle.digest()).isEqualTo(smallManifest().digest());
        for (Map.Entry<String, byte[]> file : Samples.CONTENTS.entrySet()) {
            assertThat(target.resolve(file.getKey())).hasBinaryContent(file.getValue());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve(file.getKey()))))
                    .isEqualTo("r--r--r--");
        }
        assertThat(everythingIn(target).stream().filter(Files::isRegularFile)).hasSize(3);
    }

    @Test
    void unpacksToAnEmptyFolder() throws Exception {
        assertThat(unpack(smallBundle(key), dir).manifest()).isEqualTo(smallManifest());
        assertThat(dir.resolve("lib/a.jar")).exists();
    }

    @Test
    void inspectTellsTheSameWithoutWriting() throws Exception {
        Bundle bundle = inspect(smallBundle(key));
        assertThat(bundle.manifest()).isEqualTo(smallManifest());
        assertThat(bundle.signer()).isEqualTo(key.publicKey());
        assertThat(bundle.digest()).isEqualTo(smallManifest().digest());
    }

    @Test
    void digestIsThatOfTheBytesBeforeTheFirstEmptyLine() throws Exception {
        byte[] bundle = smallBundle(key);
        int end = new String(bundle, US_ASCII).indexOf("\n\n") + 1;
        assertThat(inspect(bundle).digest()).isEqualTo(Digest.sha256(Arrays.copyOf(bundle, end)));
    }

    @Test
    void digestDoesNotDependOnTheSigner() throws Exception {
        SigningKey other = SigningKey.generate(Algorithm.P256);
        assertThat(inspect(smallBundle(key)).digest()).isEqualTo(inspect(smallBundle(other)).digest());
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void refusesEveryFlippedBit(Algorithm algorithm) throws Exception {
        byte[] good = smallBundle(SigningKey.generate(algorithm));
        inspect(good);
        for (int at = 0; at < good.length; at++) {
            // One bit of each byte by turns, and the bit that is the case of a letter.
            for (int bit : new int[] {1 << at % 8, 0x20}) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) bit;
                assertThatExceptionOfType(BundleException.class).as("byte " + at + " bit " + bit).isThrownBy(() -> inspect(bad));
            }
        }
    }

    @Test
    void flippedByteLeavesNothingBehind() throws Exception {
        byte[] good = smallBundle(key);
        Path target = dir.resolve("target");
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            assertThatExceptionOfType(BundleException.class).as("byte " + at).isThrownBy(() -> unpack(bad, target));
            assertThat(Files.exists(target, LinkOption.NOFOLLOW_LINKS)).as("byte " + at).isFalse();
        }
        byte[] lastByte = good.clone();
        lastByte[good.length - 1] ^= 1;
        assertRefused(Code.FILE_DIGEST_MISMATCH, () -> unpack(lastByte, target));
    }

    @Test
    void refusesTruncationAnywhere() throws Exception {
        byte[] good = smallBundle(key);
        Path target = dir.resolve("target");
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertRefused(Code.TRUNCATED, () -> unpack(cut, target));
            assertThat(Files.exists(target)).isFalse();
        }
    }

    @Test
    void refusesTrailingBytes() throws Exception {
        byte[] good = smallBundle(key);
        Path target = dir.resolve("target");
        for (byte[] tail : new byte[][] {{0}, {'\n'}, good}) {
            byte[] more = Arrays.copyOf(good, good.length + tail.length);
            System.arraycopy(tail, 0, more, good.length, tail.length);
            assertRefused(Code.TRAILING_BYTES, () -> unpack(more, target));
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void refusesFilesInAnotherOrder() {
        byte[] contents = Samples.contents();
        byte[] reversed = Arrays.copyOfRange(contents, 9, contents.length + 9);
        System.arraycopy(contents, 0, reversed, contents.length - 9, 9);
        assertRefused(Code.FILE_DIGEST_MISMATCH, () -> inspect(signed(smallManifest(), key, reversed)));
    }

    @Test
    void refusesMoreThanTheLimitBeforeAnythingIsWrittenOrReadOfIt() throws Exception {
        Manifest large = Samples.manifest(new BundleFile("lib/a.jar", LIMIT + 1, Digest.sha256()));
        Path target = dir.resolve("target");
        byte[] header = signed(large, key, new byte[0]);
        assertRefused(Code.TOO_LARGE, () -> unpack(header, target));
        assertThat(target).doesNotExist();

        Manifest several = Samples.manifest(
                new BundleFile("lib/a.jar", LIMIT / 2, Digest.sha256()), new BundleFile("lib/b.jar", LIMIT / 2 + 1, Digest.sha256()));
        assertRefused(Code.TOO_LARGE, () -> unpack(signed(several, key, new byte[0]), target));
    }

    @Test
    void acceptsExactlyTheLimit() throws Exception {
        byte[] content = new byte[(int) LIMIT];
        byte[] bundle = signed(Samples.manifest(Samples.file("lib/a.jar", content)), key, content);
        assertThat(unpack(bundle, dir.resolve("target")).manifest().totalBytes()).isEqualTo(LIMIT);
    }

    @Test
    void refusesEndlessHeaderAfterOneMebibyte() {
        Endless endless = new Endless(signed("innerkeep bundle 1\nname ".getBytes(US_ASCII), key, new byte[0]));
        assertRefused(Code.TOO_LARGE, () -> Bundle.inspect(endless));
        assertThat(endless.given).isLessThan(2 << 20);

        Endless zeros = new Endless(new byte[0]);
        assertRefused(Code.TOO_LARGE, () -> Bundle.inspect(zeros));
        assertThat(zeros.given).isLessThan(1 << 18);
    }

    /** Begins as given, up to the first empty line, then never ends. */
    private static final class Endless extends InputStream {
        private final byte[] start;
        long given;

        Endless(byte[] signedBundle) {
            int end = 0;
            while (end + 1 < signedBundle.length && !(signedBundle[end] == '\n' && signedBundle[end + 1] == '\n')) {
                end++;
            }
            this.start = Arrays.copyOf(signedBundle, end);
        }

        @Override
        public int read() {
            given++;
            return given <= start.length ? start[(int) given - 1] : 'x';
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                into[i] = (byte) read();
            }
            return length;
        }
    }

    @Test
    void tellsWhatIsNoBundleAtOnce() {
        assertRefused(Code.MALFORMED, () -> inspect(Samples.bytes("PK\3\4 a jar by mistake\n")));
        assertRefused(Code.UNSUPPORTED, () -> inspect(Samples.bytes("innerkeep bundle 2\n")));
    }

    /** The manifest is correctly signed by a hostile signer; only the parser stands in the way. */
    @ParameterizedTest
    @ValueSource(strings = {
        "../evil.jar", "lib/../../evil.jar", "/tmp/evil.jar", "lib/..", "lib/./a.jar", "lib\\..\\a.jar", "lib/a.jar/", "C:a.jar"
    })
    void refusesPathTraversalBySigner(String path) throws Exception {
        String text = new String(smallManifest().toBytes(), US_ASCII).replace("lib/a.jar", path);
        Path target = dir.resolve("deep/target");
        Files.createDirectories(target.getParent());
        assertRefused(Code.MALFORMED, () -> unpack(signed(Samples.bytes(text), key, Samples.contents()), target));
        assertThat(everythingIn(dir)).containsExactly(target.getParent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"lib/b.jar", "lib/B.jar"})
    void refusesDuplicatePathsBySigner(String path) {
        String text = new String(smallManifest().toBytes(), US_ASCII).replace("lib/a.jar", path);
        assertRefused(Code.MALFORMED, () -> inspect(signed(Samples.bytes(text), key, Samples.contents())));
    }

    /** Nothing in the header has a second form, though the digest would not notice. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, value = {
        "==\\n\\n|==\\nmore\\n",
        "==\\n\\n|==\\n \\n",
        "==\\n\\n|==\\r\\n\\n",
        "==\\n\\n|=\\n\\n",
        "==\\n\\n|\\n\\n",
        "signature |signature  ",
        "signer |Signer ",
        "\\nsigner |\\n\\nsigner "
    })
    void refusesOtherFormsOfTheSignature(String good, String bad) throws Exception {
        byte[] bundle = smallBundle(key);
        String header = new String(bundle, 0, bundle.length - Samples.contents().length, US_ASCII);
        inspect((header + new String(Samples.contents(), US_ASCII)).getBytes(US_ASCII));
        String from = good.replace("\\n", "\n");
        String to = bad.replace("\\n", "\n").replace("\\r", "\r");
        assertThat(header).contains(from);
        String changed = header.replace(from, to) + new String(Samples.contents(), US_ASCII);
        assertRefused(Code.MALFORMED, () -> inspect(changed.getBytes(US_ASCII)));
    }

    @Test
    void refusesSignatureOfAnotherKey() {
        byte[] manifest = smallManifest().toBytes();
        SigningKey other = SigningKey.generate(Algorithm.ED25519);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertRefused(Code.SIGNATURE_INVALID, () -> {
            BundleReader.writeHeader(out, manifest, key.publicKey(), other.sign(BundleReader.toBeSigned(manifest)));
            inspect(out.toByteArray());
        });
    }

    @Test
    void refusesSignatureWithoutItsLabel() {
        byte[] manifest = smallManifest().toBytes();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertRefused(Code.SIGNATURE_INVALID, () -> {
            BundleReader.writeHeader(out, manifest, key.publicKey(), key.sign(manifest));
            inspect(out.toByteArray());
        });
    }

    @Test
    void refusesFolderThatHoldsAnything() throws Exception {
        Files.writeString(dir.resolve("evil.jar"), "planted");
        assertRefused(Code.TARGET_NOT_EMPTY, () -> unpack(smallBundle(key), dir));
        assertThat(everythingIn(dir)).containsExactly(dir.resolve("evil.jar"));
    }

    @Test
    void neverFollowsLinksPlantedBefore() throws Exception {
        Path outside = Files.createDirectory(dir.resolve("outside"));
        Path target = Files.createDirectory(dir.resolve("target"));
        Files.createSymbolicLink(target.resolve("lib"), outside);
        assertRefused(Code.TARGET_NOT_EMPTY, () -> unpack(smallBundle(key), target));

        Path link = Files.createSymbolicLink(dir.resolve("link"), outside);
        assertRefused(Code.TARGET_NOT_EMPTY, () -> unpack(smallBundle(key), link));

        Path dangling = Files.createSymbolicLink(dir.resolve("dangling"), dir.resolve("nowhere"));
        assertRefused(Code.TARGET_NOT_EMPTY, () -> unpack(smallBundle(key), dangling));

        assertThat(everythingIn(outside)).isEmpty();
        assertThat(dir.resolve("nowhere")).doesNotExist();
        assertThat(link).isSymbolicLink();
    }

    /** The host supplies the bytes, so it chooses the moment. */
    @Test
    void neverFollowsLinksPlantedWhileUnpacking() throws Exception {
        byte[] bundle = smallBundle(key);
        byte[] before = Samples.bytes("not to be touched");
        Path outside = Files.write(dir.resolve("outside"), before);
        Path target = dir.resolve("target");
        int contents = bundle.length - Samples.contents().length;
        InputStream hostile = new InputStream() {
            private int at;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (at == contents) {
                    Files.createSymbolicLink(target.resolve("lib/b.jar"), outside);
                }
                int stop = at < contents ? contents : bundle.length;
                int n = Math.min(length, stop - at);
                System.arraycopy(bundle, at, into, offset, n);
                at += n;
                return n == 0 ? -1 : n;
            }
        };
        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> Bundle.unpack(hostile, target, LIMIT));
        assertThat(outside).hasBinaryContent(before);
        // What was written is gone; what somebody else put there is not ours to remove.
        assertThat(everythingIn(target)).containsExactly(target.resolve("lib"), target.resolve("lib/b.jar"));
    }

    @Test
    void failureOfTheStreamLeavesNothingBehind() {
        byte[] bundle = smallBundle(key);
        InputStream failing = new SequenceInputStream(
                new ByteArrayInputStream(bundle, 0, bundle.length - 5), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("the network went away");
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        return read();
                    }
                });
        Path target = dir.resolve("target");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Bundle.unpack(failing, target, LIMIT))
                .withMessage("the network went away");
        assertThat(target).doesNotExist();
    }

    @Test
    void failureInAnEmptyFolderLeavesItEmpty() throws Exception {
        byte[] bundle = smallBundle(key);
        assertRefused(Code.TRUNCATED, () -> unpack(Arrays.copyOf(bundle, bundle.length - 1), dir));
        assertThat(everythingIn(dir)).isEmpty();
    }
}
