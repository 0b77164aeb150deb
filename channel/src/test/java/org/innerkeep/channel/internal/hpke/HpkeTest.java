package org.innerkeep.channel.internal.hpke;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.Random;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.hpke.HPKE;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bouncy Castle's HPKE is the peer. */
class HpkeTest {
    private static final byte[] INFO = "what for".getBytes(US_ASCII);
    private static final short X_WING = 0x647a;

    private final SecureRandom random = new SecureRandom();
    private final byte[] seed = message(XWing.SEED);
    private final XWing key = new XWing(seed);
    private final HPKE peer = new HPKE(HPKE.mode_base, X_WING, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305);

    private static byte[] message(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16, 1000, 100_000})
    void peerOpensWhatWeSeal(int length) throws Exception {
        AsymmetricCipherKeyPair pair = peer.deserializePrivateKey(seed, key.publicKey());
        Hpke.Sealed sealed = Hpke.seal(key.publicKey(), INFO, message(length), random);
        assertThat(peer.open(sealed.encapsulation(), pair, INFO, new byte[0], sealed.encrypted(), null, null, null))
            .isEqualTo(message(length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16, 1000, 100_000})
    void weOpenWhatThePeerSeals(int length) throws Exception {
        byte[][] made =
            peer.seal(peer.deserializePublicKey(key.publicKey()), INFO, new byte[0], message(length), null, null, null);
        assertThat(Hpke.open(key, INFO, new Hpke.Sealed(made[1], made[0]))).hasValueSatisfying(
            opened -> assertThat(opened).isEqualTo(message(length)));
    }

    @Test
    void nothingOpensForAnotherKeyAnotherPurposeOrAfterAChange() throws InvalidKeyException {
        Hpke.Sealed sealed = Hpke.seal(key.publicKey(), INFO, message(20), random);
        assertThat(Hpke.open(key, INFO, sealed)).isPresent();
        assertThat(Hpke.open(key, "other".getBytes(US_ASCII), sealed)).isEmpty();
        assertThat(Hpke.open(key, new byte[0], sealed)).isEmpty();
        try (XWing other = new XWing(new byte[XWing.SEED])) {
            assertThat(Hpke.open(other, INFO, sealed)).isEmpty();
        }
        for (int i = 0; i < sealed.encrypted().length; i++) {
            byte[] changed = sealed.encrypted().clone();
            changed[i] ^= 1;
            assertThat(Hpke.open(key, INFO, new Hpke.Sealed(sealed.encapsulation(), changed))).isEmpty();
        }
        byte[] enc = sealed.encapsulation().clone();
        enc[0] ^= 1;
        assertThat(Hpke.open(key, INFO, new Hpke.Sealed(enc, sealed.encrypted()))).isEmpty();
    }

    @Test
    void nothingRepeatsBetweenTwoMessages() throws InvalidKeyException {
        Hpke.Sealed one = Hpke.seal(key.publicKey(), INFO, message(20), random);
        Hpke.Sealed two = Hpke.seal(key.publicKey(), INFO, message(20), random);
        assertThat(one.encapsulation()).isNotEqualTo(two.encapsulation());
        assertThat(one.encrypted()).isNotEqualTo(two.encrypted());
        // Half of each is the other's: the secret comes from the encapsulation, so this opens neither.
        assertThat(Hpke.open(key, INFO, new Hpke.Sealed(one.encapsulation(), two.encrypted()))).isEqualTo(Optional.empty());
    }

    @Test
    void lengthsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> Hpke.open(key, INFO, new Hpke.Sealed(new byte[XWing.CIPHERTEXT], new byte[15])))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Hpke.open(key, INFO, new Hpke.Sealed(new byte[XWing.CIPHERTEXT - 1], new byte[32])))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Hpke.seal(new byte[10], INFO, new byte[0], random)).isInstanceOf(InvalidKeyException.class);
    }
}
