package org.innerkeep.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.bundle.Samples.assertRefused;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.innerkeep.bundle.BundleException.Code;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quicktheories.WithQuickTheories;
import org.quicktheories.core.Gen;

class EcdsaSignatureTest implements WithQuickTheories {
    private static final BigInteger TOP = BigInteger.ONE.shiftLeft(256);

    /** The encoding by the textbook, from numbers. */
    private static byte[] der(BigInteger r, BigInteger s) {
        byte[] one = r.toByteArray();
        byte[] two = s.toByteArray();
        byte[] out = new byte[6 + one.length + two.length];
        out[0] = 0x30;
        out[1] = (byte) (out.length - 2);
        out[2] = 0x02;
        out[3] = (byte) one.length;
        System.arraycopy(one, 0, out, 4, one.length);
        out[4 + one.length] = 0x02;
        out[5 + one.length] = (byte) two.length;
        System.arraycopy(two, 0, out, 6 + one.length, two.length);
        return out;
    }

    /** Of every length, the ends among them. */
    private Gen<BigInteger> numbers() {
        return integers().between(1, 256).zip(longs().all(), (bits, seed) -> new BigInteger(bits, new java.util.Random(seed)));
    }

    @Test
    void theTwoNumbersComeOutWhateverTheirLength() {
        qt().forAll(numbers(), numbers()).checkAssert((r, s) -> {
            byte[] raw = EcdsaSignature.fromDer(der(r, s)).orElseThrow();
            assertThat(new BigInteger(1, Arrays.copyOf(raw, 32))).isEqualTo(r);
            assertThat(new BigInteger(1, Arrays.copyOfRange(raw, 32, 64))).isEqualTo(s);
        });
    }

    @Test
    void whatTheJdkSignsInDerVerifiesInTheFormOfBundles() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        SignerKey key = SignerKey.of(pair.getPublic().getEncoded());
        for (int i = 0; i < 200; i++) {
            byte[] message = Samples.bytes("message " + i);
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate());
            signature.update(message);
            assertThat(key.verify(message, Algorithm.P256.decodeSignature(signature.sign()))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "",
        "3006020101020101ff", // something follows
        "300602010102", // cut short
        "3007020101020101", // the sequence's length
        "3106020101020101", // no sequence
        "3006030101020101", // no integer
        "30070202000102010101", // a zero that no sign bit needs
        "3006020181020101", // negative
        "3005020002020101", // an integer of no bytes
        "308106020101020101", // the length in two bytes
    })
    void refusesWhateverIsNotTheOneEncoding(String hex) {
        assertThat(EcdsaSignature.fromDer(HexFormat.of().parseHex(hex))).isEmpty();
    }

    @Test
    void refusesNumbersThatAreTooLarge() {
        assertThat(EcdsaSignature.fromDer(der(TOP, BigInteger.ONE))).isEmpty();
        assertThat(EcdsaSignature.fromDer(der(BigInteger.ONE, TOP))).isEmpty();
    }

    /** What is accepted is written back the same: there is one encoding for each value. */
    private static Optional<byte[]> check(byte[] input) {
        Optional<byte[]> raw = EcdsaSignature.fromDer(input);
        raw.ifPresent(value -> assertThat(der(
                        new BigInteger(1, Arrays.copyOf(value, 32)), new BigInteger(1, Arrays.copyOfRange(value, 32, 64))))
                .isEqualTo(input));
        return raw;
    }

    private static final List<byte[]> SEEDS = List.of(
            der(BigInteger.ONE, BigInteger.ONE), der(TOP.subtract(BigInteger.ONE), TOP.shiftRight(1)), der(BigInteger.TEN, TOP.shiftRight(9)));

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(1, SEEDS).run(50_000, EcdsaSignatureTest::check)).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        assertThat(new Fuzzer(1, SEEDS).run(50_000, input -> {
                    if (check(input).map(raw -> raw[31] == 2).orElse(false)) {
                        throw new IllegalStateException("planted");
                    }
                }))
                .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @Test
    void anEd25519SignatureIsItsBytes() throws Exception {
        assertThat(Algorithm.ED25519.decodeSignature(new byte[64])).hasSize(64);
        assertRefused(Code.SIGNATURE_INVALID, () -> Algorithm.ED25519.decodeSignature(new byte[63]));
        assertRefused(Code.SIGNATURE_INVALID, () -> Algorithm.P256.decodeSignature(new byte[64]));
    }
}
