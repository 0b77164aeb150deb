package org.innerkeep.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** The whole reader: as an outsider changes a bundle, and as a hostile signer makes one. */
class BundleFuzzTest {
    private static final SigningKey KEY = SigningKey.generate(Algorithm.ED25519);
    private static final List<byte[]> SEEDS =
            List.of(Samples.smallBundle(KEY), Samples.smallBundle(SigningKey.generate(Algorithm.P256)));

    /** A manifest, an empty line, and contents: the input of a hostile signer, without the signature. */
    private static final byte[] UNSIGNED = unsigned();

    private static byte[] unsigned() {
        byte[] manifest = Samples.smallManifest().toBytes();
        byte[] contents = Samples.contents();
        byte[] all = Arrays.copyOf(manifest, manifest.length + 1 + contents.length);
        all[manifest.length] = '\n';
        System.arraycopy(contents, 0, all, manifest.length + 1, contents.length);
        return all;
    }

    /** Only a refusal may be thrown. */
    private static Optional<Bundle> read(byte[] input) {
        try {
            return Optional.of(Samples.inspect(input));
        } catch (BundleException _) {
            return Optional.empty();
        }
    }

    /** Without the private key, nothing but the signed bundle is ever accepted. */
    private static void checkAsOutsider(byte[] input) {
        read(input).ifPresent(bundle -> assertThat(bundle.manifest()).isEqualTo(Samples.smallManifest()));
    }

    /** Signs whatever stands before the first empty line. What is accepted has the files that its manifest names, and no more. */
    private static Optional<Bundle> readAsSigned(byte[] input) {
        int end = 0;
        while (end < input.length && !(input[end] == '\n' && end > 0 && input[end - 1] == '\n')) {
            end++;
        }
        byte[] manifest = Arrays.copyOf(input, end);
        byte[] contents = end < input.length ? Arrays.copyOfRange(input, end + 1, input.length) : new byte[0];
        try {
            // Signing takes far longer than parsing; the manifest's own fuzz test covers what is refused here.
            Manifest.parse(manifest);
        } catch (BundleException _) {
            return Optional.empty();
        }
        Optional<Bundle> bundle = read(Samples.signed(manifest, KEY, contents));
        bundle.ifPresent(accepted -> {
            assertThat(accepted.manifest().toBytes()).isEqualTo(manifest);
            assertThat(accepted.manifest().totalBytes()).isEqualTo(contents.length);
        });
        return bundle;
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(1, SEEDS).run(10_000, BundleFuzzTest::checkAsOutsider)).isEmpty();
    }

    /** What is told to be signable has its manifest's files; and bytes that are one of a bundle's two forms are never the other. */
    private static void checkUnsigned(byte[] input) {
        try {
            BundleReader.Contents contents = new BundleReader(new ByteArrayInputStream(input)).readUnsignedToo(1 << 20, NOWHERE);
            assertThat(read(input).isPresent()).isEqualTo(contents.signed().isPresent());
        } catch (BundleException _) {
            assertThat(read(input)).isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final BundleReader.Target NOWHERE = new BundleReader.Target() {
        @Override
        public void begin(Manifest manifest) {}

        @Override
        public OutputStream open(BundleFile file) {
            return OutputStream.nullOutputStream();
        }
    };

    private static byte[] unsignedBundle() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            BundleReader.writeUnsignedHeader(out, Samples.smallManifest().toBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.writeBytes(Samples.contents());
        return out.toByteArray();
    }

    @Test
    void survivesHostileBytesInPlaceOfAnUnsignedBundle() throws Exception {
        byte[] sound = unsignedBundle();
        assertThat(new BundleReader(new ByteArrayInputStream(sound)).readUnsignedToo(1 << 20, NOWHERE).signed()).isEmpty();
        assertThat(new Fuzzer(1, List.of(sound, SEEDS.getFirst())).run(10_000, BundleFuzzTest::checkUnsigned)).isEmpty();
    }

    @Test
    void survivesAHostileSigner() {
        assertThat(new Fuzzer(1, List.of(UNSIGNED)).run(10_000, BundleFuzzTest::readAsSigned)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(1, List.of(UNSIGNED)).run(30_000, input -> {
                    if (readAsSigned(input).map(bundle -> bundle.manifest().threads() == 9).orElse(false)) {
                        throw new IllegalStateException("planted");
                    }
                }))
                .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        checkAsOutsider(data);
        readAsSigned(data);
    }
}
