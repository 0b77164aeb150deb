package org.innerkeep.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.bundle.Samples.assertRefused;
import static org.innerkeep.bundle.Samples.programJar;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.innerkeep.bundle.BundleException.Code;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignableBundleTest {
    private final SigningKey key = SigningKey.generate(Algorithm.P256);
    private final SigningKey other = SigningKey.generate(Algorithm.ED25519);

    @TempDir
    Path dir;

    private Packer packer;
    private Path unsigned;

    @BeforeEach
    void packUnsigned() throws Exception {
        packer = Samples.fraud()
                .jar(programJar(dir.resolve("program.jar")))
                .sbom(Files.writeString(dir.resolve("any.json"), "{}"))
                .build();
        unsigned = dir.resolve("x.enclave");
        packer.writeUnsigned(unsigned);
    }

    private static Bundle inspect(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return Bundle.inspect(in);
        }
    }

    @Test
    void anUnsignedBundleIsRefusedWhereverOneIsStartedOrTrusted() {
        assertRefused(Code.UNSIGNED, () -> inspect(unsigned));
        Path folder = dir.resolve("unpacked");
        assertRefused(Code.UNSIGNED, () -> {
            try (InputStream in = Files.newInputStream(unsigned)) {
                Bundle.unpack(in, folder, 1 << 20);
            }
        });
        assertThat(folder).doesNotExist();
        assertRefused(Code.UNSIGNED, () -> {
            try (InputStream in = Files.newInputStream(unsigned)) {
                Bundle.sbom(in);
            }
        });
    }

    @Test
    void signingLaterGivesTheSameBytesAsSigningAtOnce() throws Exception {
        SignableBundle bundle = SignableBundle.read(unsigned);
        assertThat(bundle.signer()).isEmpty();
        assertThat(bundle.manifest()).isEqualTo(packer.manifest());
        assertThat(bundle.toBeSigned()).isEqualTo(packer.toBeSigned());

        // Ed25519 signs deterministically, so the two ways can be compared byte for byte.
        packer.write(dir.resolve("at-once.enclave"), other);
        bundle.write(dir.resolve("later.enclave"), other);

        assertThat(dir.resolve("later.enclave")).hasSameBinaryContentAs(dir.resolve("at-once.enclave"));
    }

    @Test
    void anotherSignerLeavesTheDigestAsItIs() throws Exception {
        SignableBundle.read(unsigned).write(unsigned, key);
        Bundle first = inspect(unsigned);
        SignableBundle.read(unsigned).write(unsigned, other);
        Bundle second = inspect(unsigned);

        assertThat(first.signer()).isEqualTo(key.publicKey());
        assertThat(second.signer()).isEqualTo(other.publicKey());
        assertThat(second.digest()).isEqualTo(first.digest()).isEqualTo(packer.manifest().digest());
    }

    @Test
    void aSignatureOfSomethingElseIsRefusedAndWritesNothing() throws Exception {
        SignableBundle bundle = SignableBundle.read(unsigned);
        byte[] ofTheManifestAlone = key.sign(bundle.manifest().toBytes());
        Path out = dir.resolve("out.enclave");

        assertRefused(Code.SIGNATURE_INVALID, () -> bundle.write(out, key.publicKey(), ofTheManifestAlone));
        assertRefused(Code.SIGNATURE_INVALID, () -> bundle.write(out, other.publicKey(), key.sign(bundle.toBeSigned())));
        assertThat(out).doesNotExist();
        assertThat(dir.resolve("out.enclave.part")).doesNotExist();
    }

    @Test
    void aDamagedBundleIsNotSigned() throws Exception {
        byte[] bytes = Files.readAllBytes(unsigned);
        SignableBundle sound = SignableBundle.read(unsigned);
        bytes[bytes.length - 1] ^= 1;
        Files.write(unsigned, bytes);

        assertRefused(Code.FILE_DIGEST_MISMATCH, () -> SignableBundle.read(unsigned));
        // Nor one that is damaged after it was read.
        assertRefused(Code.FILE_DIGEST_MISMATCH, () -> sound.write(dir.resolve("out.enclave"), key));
        assertThat(dir.resolve("out.enclave")).doesNotExist();
    }

    @Test
    void aBundleThatWasReplacedInBetweenIsNotSigned() throws Exception {
        SignableBundle sound = SignableBundle.read(unsigned);
        Samples.fraud().svn(99).jar(dir.resolve("program.jar")).build().writeUnsigned(unsigned);

        assertRefused(Code.INPUT_CHANGED, () -> sound.write(dir.resolve("out.enclave"), key));
        assertThat(dir.resolve("out.enclave")).doesNotExist();
    }

    @Test
    void aSignedBundleWhoseSignatureIsBrokenIsNotSignedAnew() throws Exception {
        SignableBundle.read(unsigned).write(unsigned, other);
        String text = Files.readString(unsigned, java.nio.charset.StandardCharsets.ISO_8859_1);
        Files.writeString(unsigned, text.replace("svn 3", "svn 4"), java.nio.charset.StandardCharsets.ISO_8859_1);

        assertRefused(Code.SIGNATURE_INVALID, () -> SignableBundle.read(unsigned));
    }

    @Test
    void theBillOfMaterialsComesOutOfASignedBundleOnly() throws Exception {
        SignableBundle.read(unsigned).write(unsigned, key);
        try (InputStream in = Files.newInputStream(unsigned)) {
            assertThat(Bundle.sbom(in)).hasValueSatisfying(bytes -> assertThat(bytes).asString().isEqualTo("{}"));
        }
        Samples.fraud().jar(dir.resolve("program.jar")).build().write(unsigned, key);
        try (InputStream in = Files.newInputStream(unsigned)) {
            assertThat(Bundle.sbom(in)).isEmpty();
        }
    }
}
