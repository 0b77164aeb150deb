package org.innerkeep.channel.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.util.HexFormat;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerKeyTest {
    private static final String ED25519_PREFIX = "302a300506032b6570032100";

    @Test
    void verifiesWhatTheHolderSignedAndNothingElse() throws Exception {
        for (KeyPair pair : new KeyPair[] {Jobs.NORTH, Jobs.SOUTH}) {
            byte[] message = "release".getBytes(UTF_8);
            byte[] signed = sign(pair, message);
            OwnerKey key = Jobs.key(pair);
            assertThat(key.verify(message, signed)).isTrue();
            assertThat(key.verify("Release".getBytes(UTF_8), signed)).isFalse();
            assertThat(Jobs.key(Jobs.MALLORY).verify(message, signed)).isFalse();
            assertThat(key.verify(message, new byte[64])).isFalse();
            assertThat(key.verify(message, new byte[0])).isFalse();
            assertThat(key.verify(message, new byte[65])).isFalse();
            for (int i = 0; i < signed.length; i++) {
                byte[] bad = signed.clone();
                bad[i] ^= 1;
                assertThat(key.verify(message, bad)).as("byte " + i).isFalse();
            }
        }
    }

    @Test
    void readsWhatItWrites() throws MalformedException {
        for (KeyPair pair : new KeyPair[] {Jobs.NORTH, Jobs.SOUTH}) {
            OwnerKey key = Jobs.key(pair);
            assertThat(OwnerKey.parse(key.base64())).isEqualTo(key).hasSameHashCodeAs(key);
            assertThat(key.encoded()).isEqualTo(Bytes.of(pair.getPublic().getEncoded()));
            assertThat(key.id()).isEqualTo(Bytes.sha256(pair.getPublic().getEncoded()));
        }
    }

    @Test
    void takesTheKeyOfRfc8032Section71() throws MalformedException {
        OwnerKey key = OwnerKey.parse(HexFormat.of()
                .parseHex(ED25519_PREFIX + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
        byte[] signed = HexFormat.of()
                .parseHex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                        + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
        assertThat(key.verify(new byte[0], signed)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // y = 1, y = -1, y = 0: orders 1, 2 and 4.
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                // The four points of order 8.
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                // y = p and y = p + 1, which are 0 and 1 in another spelling, and the largest.
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                // y = 2 is on no point.
                "0200000000000000000000000000000000000000000000000000000000000000",
            })
    void refusesEd25519PointsForWhichAnybodyCanSignOrThatAreNone(String point) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> OwnerKey.parse(HexFormat.of().parseHex(ED25519_PREFIX + point)));
    }

    @Test
    void takesEveryEd25519KeyThatJavaMakes() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        for (int i = 0; i < 50; i++) {
            KeyPair pair = generator.generateKeyPair();
            assertThat(pair.getPublic()).isInstanceOf(EdECPublicKey.class);
            assertThat(OwnerKey.parse(pair.getPublic().getEncoded()).verify(new byte[1], sign(pair, new byte[1]))).isTrue();
        }
    }

    @Test
    void refusesAPointThatIsNotOnP256() {
        byte[] spki = Jobs.SOUTH.getPublic().getEncoded();
        spki[spki.length - 1] ^= 1;
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> OwnerKey.parse(spki))
                .withMessageContaining("not on the curve");
    }

    @Test
    void refusesOtherKeys() throws Exception {
        for (String algorithm : new String[] {"RSA", "X25519", "Ed448"}) {
            byte[] spki = KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPublic().getEncoded();
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> OwnerKey.parse(spki));
        }
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> OwnerKey.parse(new byte[0]));
    }

    @Test
    void refusesOtherSpellingsOfBase64() {
        String good = Jobs.key(Jobs.SOUTH).base64();
        for (String bad : new String[] {good.replace("=", ""), good + "\n", " " + good, good.replace('A', '-'), "é"}) {
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> OwnerKey.parse(bad));
        }
        // 91 bytes leave four stray bits before the padding.
        char last = good.charAt(good.length() - 3);
        String stray = good.substring(0, good.length() - 3) + (char) (last + 1) + "==";
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> OwnerKey.parse(stray));
    }

    private static byte[] sign(KeyPair pair, byte[] message) throws GeneralSecurityException {
        String algorithm = pair == Jobs.SOUTH ? "SHA256withECDSAinP1363Format" : "Ed25519";
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(pair.getPrivate());
        signer.update(message);
        return signer.sign();
    }
}
