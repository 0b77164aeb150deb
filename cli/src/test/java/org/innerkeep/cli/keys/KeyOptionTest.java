package org.innerkeep.cli.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import org.innerkeep.channel.release.SignedRecipient;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.junit.jupiter.api.Test;

/** What the vault's key, on the command line, keeps whoever answers under the vault's address from. */
class KeyOptionTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final KeyPair VAULT = newKey();
    private static final VaultAnchor ANCHOR = new VaultAnchor(P256PublicKey.of(VAULT.getPublic()).spki());

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String answer(KeyPair by, String key, Instant at) {
        SignedRecipient signed = SignedRecipient.make(
                key, "0".repeat(32), "age1recipient", at, by.getPrivate(), P256PublicKey.of(by.getPublic()));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(signed.toByteArray()) + "\n";
    }

    private static void refused(String answer, String why) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> KeyOption.proven(ANCHOR, "patients", answer, NOW))
                .withMessageContaining(why);
    }

    @Test
    void theRecipientThatTheVaultSignedAMomentAgoIsTaken() throws Exception {
        assertThat(KeyOption.proven(ANCHOR, "patients", answer(VAULT, "patients", NOW.minusSeconds(5)), NOW)).isEqualTo("age1recipient");
        assertThat(KeyOption.proven(ANCHOR, "Patients", answer(VAULT, "patients", NOW), NOW)).isEqualTo("age1recipient");
    }

    @Test
    void thatOfAnotherVaultOrKeyOrAnOldOneIsNot() {
        refused(answer(newKey(), "patients", NOW), "did not sign");
        refused(answer(VAULT, "other", NOW), "did not sign");
        refused(answer(VAULT, "patients", NOW.minusSeconds(1000)), "set the clock");
        refused("age1recipient\n", "no signed recipient");
    }
}
