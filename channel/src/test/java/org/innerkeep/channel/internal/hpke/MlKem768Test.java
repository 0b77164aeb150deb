package org.innerkeep.channel.internal.hpke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class MlKem768Test {
    @Test
    void agreesWithWycheproof() throws IOException {
        int valid = 0;
        int invalid = 0;
        for (Vectors.Case test : Vectors.of("wycheproof/mlkem_768_test.json", "tcId")) {
            byte[] seed = test.bytes("seed");
            byte[] ciphertext = test.bytes("c");
            if (test.field("result").equals("valid")) {
                try (MlKem768 key = new MlKem768(seed)) {
                    assertThat(key.publicKey()).as(test.text()).isEqualTo(test.bytes("ek"));
                    assertThat(key.decapsulate(ciphertext)).as(test.text()).isEqualTo(test.bytes("K"));
                }
                valid++;
            } else {
                assertThatThrownBy(() -> {
                    try (MlKem768 key = new MlKem768(seed)) {
                        key.decapsulate(ciphertext);
                    }
                }).as(test.text()).isInstanceOf(IllegalArgumentException.class);
                invalid++;
            }
        }
        assertThat(valid).isGreaterThan(150);
        assertThat(invalid).isEqualTo(40);
    }

    @Test
    void bothSidesObtainTheSameSecret() throws InvalidKeyException {
        try (MlKem768 key = new MlKem768(new byte[MlKem768.SEED])) {
            MlKem768.Encapsulated made = MlKem768.encapsulate(key.publicKey(), new SecureRandom());
            assertThat(made.secret()).hasSize(MlKem768.SECRET);
            assertThat(made.ciphertext()).hasSize(MlKem768.CIPHERTEXT);
            assertThat(key.decapsulate(made.ciphertext())).isEqualTo(made.secret());
        }
    }

    @Test
    void publicKeyWithACoefficientThatIsNotReducedIsRefused() throws InvalidKeyException {
        try (MlKem768 key = new MlKem768(new byte[MlKem768.SEED])) {
            byte[] good = key.publicKey();
            MlKem768.check(good);
            // The modulus is 3329, 0xd01: the first coefficient is the first byte and the low half of the second.
            byte[] modulus = good.clone();
            modulus[0] = 0x01;
            modulus[1] = (byte) ((modulus[1] & 0xf0) | 0x0d);
            assertThatThrownBy(() -> MlKem768.check(modulus)).isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("not reduced");
            byte[] largest = modulus.clone();
            largest[0] = 0x00;
            MlKem768.check(largest);
        }
    }

    @Test
    void closedKeyIsUseless() throws InvalidKeyException {
        MlKem768 key = new MlKem768(new byte[MlKem768.SEED]);
        byte[] ciphertext = MlKem768.encapsulate(key.publicKey(), new SecureRandom()).ciphertext();
        key.close();
        // The private key is overwritten, and no longer has the hash of its public key in it.
        assertThatThrownBy(() -> key.decapsulate(ciphertext)).isInstanceOf(IllegalStateException.class);
    }
}
