package org.innerkeep.evidence.cose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.innerkeep.evidence.Json;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Samples;
import org.innerkeep.evidence.SharedVectors;
import org.junit.jupiter.api.Test;

class P256PublicKeyTest {
    private static final byte[] SPKI = Samples.KEEPER.getPublic().getEncoded();
    private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.UTF_8);

    @Test
    void agreesWithAllWycheproofVectors() throws MalformedException {
        Json vectors = SharedVectors.json(SharedVectors.find("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json"));
        List<String> wrong = new ArrayList<>();
        int count = 0;
        for (Json group : vectors.list("testGroups")) {
            P256PublicKey key = P256PublicKey.parse(HexFormat.of().parseHex(group.text("publicKeyDer")));
            for (Json test : group.list("tests")) {
                boolean verified = key.verify(
                        HexFormat.of().parseHex(test.text("msg")), HexFormat.of().parseHex(test.text("sig")));
                // "acceptable" does not occur here; only "valid" may verify.
                if (verified != test.text("result").equals("valid")) {
                    wrong.add(test.text("tcId") + " " + test.text("comment"));
                }
                count++;
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(count).isEqualTo(Integer.parseInt(vectors.text("numberOfTests"))).isPositive();
    }

    @Test
    void readsWhatThePlatformWrites() throws MalformedException {
        assertThat(P256PublicKey.parse(SPKI)).isEqualTo(P256PublicKey.of(Samples.KEEPER.getPublic()));
        assertThat(P256PublicKey.parse(SPKI).spki().toArray()).isEqualTo(SPKI);
    }

    @Test
    void refusesPointsThatAreNotOnTheCurve() {
        for (int at = 27; at < SPKI.length; at++) {
            byte[] moved = SPKI.clone();
            moved[at] ^= 1;
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> P256PublicKey.parse(moved));
        }
    }

    @Test
    void refusesCoordinatesThatAreNotReduced() {
        // The point (x, y) with x + p in place of x is the same point in a second encoding, where x + p fits 256 bits.
        // (5, y): y is a root of 125 - 15 + b.
        String p = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
        byte[] spki = Arrays.copyOf(SPKI, SPKI.length);
        byte[] xPlusP = new BigInteger(p, 16).add(BigInteger.valueOf(5)).toByteArray();
        byte[] y = HexFormat.of().parseHex("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc");
        System.arraycopy(xPlusP, xPlusP.length - 32, spki, 27, 32);
        System.arraycopy(y, 0, spki, 59, 32);
        byte[] reduced = spki.clone();
        Arrays.fill(reduced, 27, 59, (byte) 0);
        reduced[58] = 5;

        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> P256PublicKey.parse(spki));
        assertThat(accepts(reduced)).isTrue();
    }

    @Test
    void refusesEveryOtherEncodingOfAKey() {
        // Compressed point, cut, one byte more, another algorithm, nothing.
        byte[] compressed = HexFormat.of()
                .parseHex("3039301306072a8648ce3d020106082a8648ce3d030107032200"
                        + "02bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff");
        byte[] otherAlgorithm = SPKI.clone();
        otherAlgorithm[12] ^= 1;
        for (byte[] bytes : List.of(
                compressed, Arrays.copyOf(SPKI, 90), Arrays.copyOf(SPKI, 92), otherAlgorithm, new byte[0])) {
            assertThat(accepts(bytes)).isFalse();
        }
    }

    @Test
    void refusesKeysOfOtherKinds() throws Exception {
        for (String algorithm : List.of("Ed25519", "X25519")) {
            var key = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> P256PublicKey.of(key.getPublic()));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> Es256.sign(key.getPrivate(), MESSAGE));
        }
        var p384 = Samples.newKey("secp384r1");
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> P256PublicKey.of(p384.getPublic()));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Es256.sign(p384.getPrivate(), MESSAGE));
    }

    @Test
    void verifiesItsOwnSignatureAndNoOther() {
        P256PublicKey key = P256PublicKey.of(Samples.KEEPER.getPublic());
        byte[] signature = Es256.sign(Samples.KEEPER.getPrivate(), MESSAGE);

        assertThat(key.verify(MESSAGE, signature)).isTrue();
        assertThat(key.verify("other".getBytes(StandardCharsets.UTF_8), signature)).isFalse();
        assertThat(key.verify(MESSAGE, Arrays.copyOf(signature, 63))).isFalse();
        assertThat(key.verify(MESSAGE, Arrays.copyOf(signature, 66))).isFalse();
        assertThat(key.verify(MESSAGE, new byte[64])).isFalse();
        assertThat(P256PublicKey.of(Samples.newKey("secp256r1").getPublic()).verify(MESSAGE, signature)).isFalse();
    }

    private static boolean accepts(byte[] spki) {
        try {
            P256PublicKey.parse(spki);
            return true;
        } catch (MalformedException e) {
            return false;
        }
    }
}
