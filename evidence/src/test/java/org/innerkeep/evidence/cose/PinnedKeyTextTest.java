package org.innerkeep.evidence.cose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class PinnedKeyTextTest {
    private static final PinnedKeyText KEEPER = new PinnedKeyText("keeper", "keeper");
    private static final PinnedKeyText LOG = new PinnedKeyText("log", "service");

    private static P256PublicKey key() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return P256PublicKey.of(generator.generateKeyPair().getPublic());
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        P256PublicKey key = key();
        assertThat(KEEPER.write(key.spki())).startsWith("keeper-key:MFkw");
        assertThat(KEEPER.parse(KEEPER.write(key.spki()))).isEqualTo(key);
    }

    @Test
    void aKeyOfOneKindIsNotTakenForAnother() throws Exception {
        String text = KEEPER.write(key().spki());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LOG.parse(text))
                .withMessageContaining("log key: expected log-key:")
                .withMessageContaining("the whole line that the service shows");
    }

    @Test
    void oneKeyHasOneText() throws Exception {
        String text = KEEPER.write(key().spki());
        for (String other : List.of(
                text + "=", text + "==", " " + text, text + "\n", text.substring(0, text.length() - 1),
                text.replace("keeper-key:", "keeper-key: "), "KEEPER-KEY:" + text.substring(11), "keeper-key:", "", text + "A".repeat(300))) {
            assertThatIllegalArgumentException().as(other).isThrownBy(() -> KEEPER.parse(other));
        }
    }
}
