package org.innerkeep.channel.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.junit.jupiter.api.Test;

/** Whoever has pinned a vault seals to nobody else. */
class SignedRecipientTest {
    @Test
    void whoeverHasPinnedTheVaultGetsTheRecipientOfTheKeyThatWasAskedFor() throws Exception {
        SignedRecipient read = SignedRecipient.parse(Samples.recipient("patients").toByteArray());

        assertThat(read.of(Samples.VAULT, "patients")).contains("age1recipient");
        assertThat(read.time()).isEqualTo(Samples.NOW);
        assertThat(read.version()).isEqualTo("0".repeat(32));
    }

    @Test
    void theRecipientOfAnotherKeyOrVaultIsNotTaken() throws Exception {
        assertThat(Samples.recipient("other").of(Samples.VAULT, "patients")).isEmpty();
        KeyPair other = Samples.newKey();
        P256PublicKey otherPublic = P256PublicKey.of(other.getPublic());
        assertThat(SignedRecipient.make("patients", "0".repeat(32), "age1other", Samples.NOW, other.getPrivate(), otherPublic)
                        .of(Samples.VAULT, "patients"))
                .isEmpty();
        // Under the name of the vault, and signed by another.
        assertThat(SignedRecipient.make("patients", "0".repeat(32), "age1other", Samples.NOW, other.getPrivate(), Samples.VAULT_PUBLIC)
                        .of(Samples.VAULT, "patients"))
                .isEmpty();
    }

    @Test
    void whatWasChangedIsNotTaken() {
        byte[] whole = Samples.recipient("patients").toByteArray();
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 1;
            try {
                assertThat(SignedRecipient.parse(changed).of(Samples.VAULT, "patients")).as("byte %d", i).isEmpty();
            } catch (MalformedException e) {
                // Refused, as it should be.
            }
        }
    }
}
