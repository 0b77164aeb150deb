package org.innerkeep.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.bundle.Samples.assertRefused;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.innerkeep.bundle.BundleException.Code;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignerKeyTest {
    private static final byte[] MESSAGE = Samples.bytes("message");
    private static final String ED25519_PREFIX = "302a300506032b6570032100";
    private static final String P256_PREFIX = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";

    @TempDir
    Path dir;

    private static SignerKey of(String hex) throws BundleException {
        return SignerKey.of(HexFormat.of().parseHex(hex));
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void verifiesOnlyWhatItSigned(Algorithm algorithm) {
        SigningKey key = SigningKey.generate(algorithm);
        SignerKey other = SigningKey.generate(algorithm).publicKey();
        byte[] signature = key.sign(MESSAGE);

        assertThat(signature).hasSize(SignerKey.SIGNATURE_BYTES);
        assertThat(key.publicKey().verify(MESSAGE, signature)).isTrue();
        assertThat(other.verify(MESSAGE, signature)).isFalse();
        assertThat(key.publicKey().verify(Samples.bytes("massage"), signature)).isFalse();
        for (int length : new int[] {0, 1, 32, 63, 65, 128}) {
            assertThat(key.publicKey().verify(MESSAGE, Arrays.copyOf(signature, length))).as(length + " bytes").isFalse();
        }
        assertThat(key.publicKey().verify(MESSAGE, new byte[64])).isFalse();
        byte[] ones = new byte[64];
        Arrays.fill(ones, (byte) 0xff);
        assertThat(key.publicKey().verify(MESSAGE, ones)).isFalse();
    }

    /** Many keys, since a point's sign and leading zeros are what goes wrong. */
    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void readsTheKeyItWrote(Algorithm algorithm) throws Exception {
        for (int i = 0; i < 20; i++) {
            SigningKey key = SigningKey.generate(algorithm);
            Path file = dir.resolve("key" + i);
            key.write(file);
            SigningKey read = SigningKey.read(file);
            assertThat(read.publicKey()).isEqualTo(key.publicKey());
            assertThat(key.publicKey().verify(MESSAGE, read.sign(MESSAGE))).isTrue();
            assertThat(SignerKey.parsePem(key.publicKey().toPem())).isEqualTo(key.publicKey());
        }
    }

    @Test
    void privateKeyFileIsItsOwnersAlone() throws Exception {
        Path file = dir.resolve("key");
        SigningKey.generate(Algorithm.ED25519).write(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw----r--", "rw--w----", "rwx------"})
    void refusesPrivateKeyFileThatOthersMayUse(String mode) throws Exception {
        Path file = dir.resolve("key");
        SigningKey.generate(Algorithm.ED25519).write(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> SigningKey.read(file))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.KEY_FILE_EXPOSED))
                .withMessageContaining("chmod 600");
    }

    @Test
    void neverOverwritesAKey() throws Exception {
        Path file = dir.resolve("key");
        SigningKey.generate(Algorithm.ED25519).write(file);
        byte[] before = Files.readAllBytes(file);
        assertThatExceptionOfType(FileAlreadyExistsException.class)
                .isThrownBy(() -> SigningKey.generate(Algorithm.ED25519).write(file));
        assertThat(file).hasBinaryContent(before);
    }

    /** RFC 8032, section 7.1, test 2: secret key, public key and the signature of the byte 72. */
    @Test
    void agreesWithRfc8032() throws Exception {
        String pkcs8 = "302e020100300506032b657004220420" + "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        SigningKey key = SigningKey.read(privateKey(HexFormat.of().parseHex(pkcs8)));
        assertThat(key.publicKey())
                .isEqualTo(of(ED25519_PREFIX + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
        assertThat(HexFormat.of().formatHex(key.sign(new byte[] {0x72})))
                .isEqualTo("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    }

    /** RFC 6979, appendix A.2.5: private and public key, and the signature of "sample" with SHA-256. */
    @Test
    void agreesWithRfc6979() throws Exception {
        String pkcs8 = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"
                + "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
        SignerKey expected = of(P256_PREFIX + "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
        assertThat(SigningKey.read(privateKey(HexFormat.of().parseHex(pkcs8))).publicKey()).isEqualTo(expected);
        assertThat(expected.verify(
                        Samples.bytes("sample"),
                        HexFormat.of()
                                .parseHex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                                        + "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")))
                .isTrue();
    }

    private Path privateKey(byte[] pkcs8) throws Exception {
        Path file = dir.resolve("foreign");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, Pem.encode("PRIVATE KEY", pkcs8));
    }

    @Test
    void idIsTheDigestOfTheSubjectPublicKeyInfo() {
        SignerKey key = SigningKey.generate(Algorithm.P256).publicKey();
        assertThat(key.id()).isEqualTo(Digest.sha256(key.spki()));
    }

    /** y = 1, -1, 0 and the two y of points of order 8: anybody can make "signatures" for these keys. */
    @ParameterizedTest
    @ValueSource(strings = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
    })
    void refusesEd25519KeysOfSmallOrder(String point) {
        assertRefused(Code.KEY_INVALID, () -> of(ED25519_PREFIX + point));
    }

    /** Not on the curve; then the base point's y plus p, which is a second way to write a point. */
    @ParameterizedTest
    @ValueSource(strings = {
        "0200000000000000000000000000000000000000000000000000000000000000",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
    })
    void refusesEd25519KeysThatAreNoCanonicalPoints(String point) {
        assertRefused(Code.KEY_INVALID, () -> of(ED25519_PREFIX + point));
    }

    @Test
    void refusesP256KeysThatAreNoPoints() {
        String x = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
        assertRefused(Code.KEY_INVALID, () -> of(P256_PREFIX + x + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462298"));
        assertRefused(Code.KEY_INVALID, () -> of(P256_PREFIX + "00".repeat(64)));
        assertRefused(Code.KEY_INVALID, () -> of(P256_PREFIX + "ff".repeat(64)));
        String compressed = P256_PREFIX.substring(0, P256_PREFIX.length() - 2) + "03";
        assertRefused(Code.KEY_INVALID, () -> of(compressed + x + "00".repeat(32)));
    }

    @Test
    void refusesOtherKindsOfKeys() throws Exception {
        KeyPairGenerator p384 = KeyPairGenerator.getInstance("EC");
        p384.initialize(new ECGenParameterSpec("secp384r1"));
        KeyPair pair = p384.generateKeyPair();
        assertRefused(Code.UNSUPPORTED, () -> SignerKey.of(pair.getPublic().getEncoded()));
        assertRefused(Code.UNSUPPORTED, () -> SigningKey.read(privateKey(pair.getPrivate().getEncoded())));
        assertRefused(Code.UNSUPPORTED, () -> SignerKey.of(new byte[0]));
        byte[] longer = Arrays.copyOf(SigningKey.generate(Algorithm.ED25519).publicKey().spki(), 45);
        assertRefused(Code.UNSUPPORTED, () -> SignerKey.of(longer));
    }

    @Test
    void refusesOtherPemAndNeverShowsIt() throws Exception {
        SigningKey key = SigningKey.generate(Algorithm.ED25519);
        Path file = dir.resolve("key");
        key.write(file);
        String pem = Files.readString(file);
        String secret = pem.lines().toList().get(1);
        for (String bad : new String[] {
            "", pem.replace("PRIVATE", "PUBLIC"), pem + pem, pem.replace(secret, secret.substring(1)), pem.replace(secret, "*" + secret),
            pem.replace(secret, secret + "="), secret, pem.replace("-----END", "----END")
        }) {
            Files.writeString(file, bad);
            assertThatExceptionOfType(BundleException.class)
                    .as(bad)
                    .isThrownBy(() -> SigningKey.read(file))
                    .satisfies(e -> assertThat(e.toString() + e.getCause()).doesNotContain(secret.substring(24)));
        }
        assertThat(key.toString()).doesNotContain(secret).isEqualTo(key.publicKey().toString());
    }

    @Test
    void readsLineEndingsOfOtherSystems() throws Exception {
        SignerKey key = SigningKey.generate(Algorithm.P256).publicKey();
        assertThat(SignerKey.parsePem(key.toPem().replace("\n", "\r\n"))).isEqualTo(key);
    }
}
