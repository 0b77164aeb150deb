package org.innerkeep.channel.internal.hpke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;

import java.io.IOException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XWingTest {
    private static final byte[] SEED =
        HexFormat.of().parseHex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");

    private final XWing key = new XWing(SEED);

    @Test
    void givesEveryPublishedVectorInBothDirections() throws IOException, InvalidKeyException {
        List<Vectors.Case> vectors = Vectors.of("xwing/test-vectors.json", "eseed");
        assertThat(vectors).hasSize(3);
        for (Vectors.Case vector : vectors) {
            byte[] publicKey = vector.bytes("pk");
            XWing.Encapsulated made = XWing.encapsulate(publicKey, new FixedRandom(vector.bytes("eseed")));
            assertThat(made.ciphertext()).isEqualTo(vector.bytes("ct"));
            assertThat(made.secret()).isEqualTo(vector.bytes("ss"));
            try (XWing own = new XWing(vector.bytes("seed"))) {
                assertThat(own.publicKey()).isEqualTo(publicKey);
                assertThat(own.decapsulate(vector.bytes("ct"))).isEqualTo(vector.bytes("ss"));
            }
        }
    }

    @Test
    void anyChangeOfACiphertextGivesAnotherSecretOrIsRefused() throws InvalidKeyException {
        XWing.Encapsulated made = XWing.encapsulate(key.publicKey(), new FixedRandom(new byte[64]));
        qt().withFixedSeed(20260101).withExamples(300)
            .forAll(integers().between(0, XWing.CIPHERTEXT - 1), integers().between(1, 255))
            .checkAssert((at, change) -> {
                byte[] changed = made.ciphertext().clone();
                changed[at] ^= change.byteValue();
                try {
                    byte[] secret = key.decapsulate(changed);
                    assertThat(secret).hasSize(XWing.SECRET).isNotEqualTo(made.secret());
                } catch (InvalidKeyException e) {
                    assertThat(at).as("only the share is ever refused").isGreaterThanOrEqualTo(MlKem768.CIPHERTEXT);
                }
            });
    }

    @Test
    void topBitOfTheShareCountsAlthoughX25519IgnoresIt() throws InvalidKeyException {
        XWing.Encapsulated made = XWing.encapsulate(key.publicKey(), new FixedRandom(new byte[64]));
        byte[] changed = made.ciphertext().clone();
        changed[XWing.CIPHERTEXT - 1] ^= (byte) 0x80;
        assertThat(key.decapsulate(changed)).isNotEqualTo(made.secret());
    }

    @Test
    void otherKeyObtainsAnotherSecret() throws InvalidKeyException {
        XWing.Encapsulated made = XWing.encapsulate(key.publicKey(), new SecureRandom());
        try (XWing other = new XWing(new byte[XWing.SEED])) {
            assertThat(other.decapsulate(made.ciphertext())).isNotEqualTo(made.secret());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32, 1088, 1119, 1121, 2240})
    void ciphertextOfAnotherLengthIsRefused(int length) {
        assertThatThrownBy(() -> key.decapsulate(new byte[length])).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("1120").hasMessageContaining(String.valueOf(length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32, 1184, 1215, 1217, 2432})
    void publicKeyOfAnotherLengthIsRefused(int length) {
        assertThatThrownBy(() -> XWing.check(new byte[length])).isInstanceOf(InvalidKeyException.class)
            .hasMessageContaining("1216");
        assertThatThrownBy(() -> XWing.encapsulate(new byte[length], new SecureRandom())).isInstanceOf(InvalidKeyException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33, 64, 96})
    void privateKeyOfAnotherLengthIsRefused(int length) {
        assertThatThrownBy(() -> new XWing(new byte[length])).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080"
    })
    void pointOfLowOrderIsRefusedInShareAndPublicKey(String point) throws InvalidKeyException {
        byte[] low = HexFormat.of().parseHex(point);
        byte[] ciphertext = XWing.encapsulate(key.publicKey(), new SecureRandom()).ciphertext();
        System.arraycopy(low, 0, ciphertext, MlKem768.CIPHERTEXT, low.length);
        assertThatThrownBy(() -> key.decapsulate(ciphertext)).isInstanceOf(InvalidKeyException.class);
        byte[] publicKey = key.publicKey();
        System.arraycopy(low, 0, publicKey, MlKem768.PUBLIC_KEY, low.length);
        assertThatThrownBy(() -> XWing.check(publicKey)).isInstanceOf(InvalidKeyException.class)
            .hasMessageContaining("low order");
        assertThatThrownBy(() -> XWing.encapsulate(publicKey, new SecureRandom())).isInstanceOf(InvalidKeyException.class);
    }

    @Test
    void seedAndRandomnessStayTheCallers() throws InvalidKeyException {
        byte[] seed = SEED.clone();
        new XWing(seed).close();
        assertThat(seed).isEqualTo(SEED);
        byte[] before = Arrays.copyOf(SEED, 64);
        byte[] random = before.clone();
        XWing.encapsulate(key.publicKey(), new FixedRandom(random));
        assertThat(random).isEqualTo(before);
    }

    @Test
    void closedKeyIsUseless() {
        XWing own = new XWing(SEED);
        own.close();
        own.close();
        assertThatThrownBy(() -> own.decapsulate(new byte[XWing.CIPHERTEXT])).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void secretsAreNotPrinted() throws InvalidKeyException {
        assertThat(XWing.encapsulate(key.publicKey(), new SecureRandom())).hasToString("Encapsulated[secret]");
    }

    @Test
    void randomnessThatWasDecidedIsGivenOutOnceAndNoMore() {
        FixedRandom random = new FixedRandom(new byte[] {1, 2, 3});
        byte[] first = new byte[2];
        random.nextBytes(first);
        assertThat(first).containsExactly(1, 2);
        assertThat(random.spent()).isFalse();
        assertThatThrownBy(() -> random.nextBytes(new byte[2])).isInstanceOf(IllegalStateException.class);
        assertThat(random.generateSeed(1)).containsExactly(3);
        assertThat(random.spent()).isTrue();
    }
}
