package org.innerkeep.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.bundle.Samples.assertRefused;
import static org.innerkeep.bundle.Samples.bytes;
import static org.innerkeep.bundle.Samples.fraud;
import static org.innerkeep.bundle.Samples.programJar;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import org.innerkeep.bundle.BundleException.Code;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResigningTest {
    private final SigningKey first = SigningKey.generate(Algorithm.ED25519);
    private final SigningKey second = SigningKey.generate(Algorithm.P256);

    @TempDir
    Path dir;

    private Path bundle;

    @BeforeEach
    void pack() throws Exception {
        bundle = dir.resolve("fraud.enclave");
        Path sbom = Files.write(dir.resolve("made.json"), bytes("{\"bomFormat\":\"CycloneDX\"}"));
        fraud().jar(programJar(dir.resolve("program.jar"))).sbom(sbom).build().write(bundle, first);
    }

    private static Bundle inspect(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return Bundle.inspect(in);
        }
    }

    @Test
    void theDigestStaysAndTheSignerChangesAlsoInPlace() throws Exception {
        Bundle before = inspect(bundle);

        Resigning.of(bundle).write(bundle, second);

        assertThat(inspect(bundle).digest()).isEqualTo(before.digest());
        assertThat(inspect(bundle).signer()).isEqualTo(second.publicKey());
        try (var files = Files.list(dir)) {
            assertThat(files.filter(file -> file.toString().endsWith(".part"))).isEmpty();
        }
    }

    @Test
    void aSignatureInDerAsOtherToolsMakeItIsTaken() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        SignerKey signer = SignerKey.of(pair.getPublic().getEncoded());
        Resigning resigning = Resigning.of(bundle);
        Path signed = dir.resolve("signed.enclave");
        // Many, because r and s are shorter than 32 bytes, or need a leading zero, by chance only.
        for (int i = 0; i < 300; i++) {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate());
            signature.update(resigning.toBeSigned());
            resigning.write(signed, signer, signature.sign());
        }
        assertThat(inspect(signed).signer()).isEqualTo(signer);
    }

    @Test
    void aSignatureOfAnotherKeyOrOfOtherBytesIsRefusedAndWritesNothing() throws Exception {
        Resigning resigning = Resigning.of(bundle);
        Path out = dir.resolve("out.enclave");

        byte[] byAnother = SigningKey.generate(Algorithm.P256).sign(resigning.toBeSigned());
        assertRefused(Code.SIGNATURE_INVALID, () -> resigning.write(out, second.publicKey(), byAnother));
        byte[] ofOther = second.sign(resigning.manifest().toBytes());
        assertRefused(Code.SIGNATURE_INVALID, () -> resigning.write(out, second.publicKey(), ofOther));

        assertThat(out).doesNotExist();
    }

    @Test
    void malformedDerIsRefused() throws Exception {
        Signature signer = Signature.getInstance("SHA256withECDSA");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        signer.initSign(generator.generateKeyPair().getPrivate());
        signer.update((byte) 1);
        byte[] good = signer.sign();
        assertThat(DerSignature.toFixed(good)).hasSize(64);

        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertRefused(Code.SIGNATURE_INVALID, () -> DerSignature.toFixed(cut));
        }
        assertRefused(Code.SIGNATURE_INVALID, () -> DerSignature.toFixed(Arrays.copyOf(good, good.length + 1)));
        for (int at : new int[] {0, 1, 2, 3}) {
            byte[] changed = good.clone();
            changed[at] ^= 1;
            assertRefused(Code.SIGNATURE_INVALID, () -> DerSignature.toFixed(changed));
        }
        // Negative, padded without need, and too long integers.
        assertRefused(Code.SIGNATURE_INVALID, () -> DerSignature.toFixed(new byte[] {0x30, 6, 2, 1, -1, 2, 1, 1}));
        assertRefused(Code.SIGNATURE_INVALID, () -> DerSignature.toFixed(new byte[] {0x30, 7, 2, 2, 0, 1, 2, 1, 1}));
        assertRefused(Code.SIGNATURE_INVALID, () -> DerSignature.toFixed(new byte[] {0x30, 5, 2, 0, 2, 1, 1}));
    }

    @Test
    void aBundleThatChangesInBetweenIsRefused() throws Exception {
        Resigning resigning = Resigning.of(bundle);
        fraud().svn(99).jar(programJar(dir.resolve("other.jar"))).build().write(bundle, first);

        assertRefused(Code.INPUT_CHANGED, () -> resigning.write(dir.resolve("out.enclave"), second));
        assertThat(dir.resolve("out.enclave")).doesNotExist();
    }

    @Test
    void theListOfPartsIsCoveredByTheDigestAndReadBack() throws Exception {
        try (InputStream in = Files.newInputStream(bundle)) {
            assertThat(Bundle.read(in, BundleFile.SBOM_PATH, 1 << 20).orElseThrow()).isEqualTo(bytes("{\"bomFormat\":\"CycloneDX\"}"));
        }
        try (InputStream in = Files.newInputStream(bundle)) {
            assertThat(Bundle.read(in, "meta/other.json", 1 << 20)).isEmpty();
        }
        assertRefused(Code.TOO_LARGE, () -> {
            try (InputStream in = Files.newInputStream(bundle)) {
                Bundle.read(in, BundleFile.SBOM_PATH, 3);
            }
        });
        assertThat(inspect(bundle).manifest().files()).extracting(BundleFile::path).contains("meta/sbom.cdx.json");
    }
}
