package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.innerkeep.attestation.Nonces.Standing;
import org.junit.jupiter.api.Test;

class NoncesTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Duration VALIDITY = Duration.ofMinutes(5);

    private final Nonces nonces = new Nonces(new byte[32], new SecureRandom(), VALIDITY);

    @Test
    void isCurrentForItsTimeAndOnEveryInstanceOfTheSameSecret() {
        String nonce = nonces.issue(NOW);

        assertThat(nonces.standing(nonce, NOW)).isEqualTo(Standing.CURRENT);
        assertThat(new Nonces(new byte[32], new SecureRandom(), VALIDITY).standing(nonce, NOW.plus(VALIDITY))).isEqualTo(Standing.CURRENT);
        assertThat(nonces.standing(nonce, NOW.plus(VALIDITY).plusMillis(1))).isEqualTo(Standing.EXPIRED);
        assertThat(nonces.standing(nonce, NOW.minusMillis(1))).isEqualTo(Standing.EXPIRED);
    }

    @Test
    void isForeignUnderAnotherSecretOrWithAnyCharacterChanged() {
        String nonce = nonces.issue(NOW);
        byte[] other = new byte[32];
        other[0] = 1;

        assertThat(new Nonces(other, new SecureRandom(), VALIDITY).standing(nonce, NOW)).isEqualTo(Standing.FOREIGN);
        for (int i = 0; i < nonce.length(); i++) {
            char changed = nonce.charAt(i) == 'A' ? 'B' : 'A';
            assertThat(nonces.standing(nonce.substring(0, i) + changed + nonce.substring(i + 1), NOW)).isEqualTo(Standing.FOREIGN);
        }
        assertThat(nonces.standing("", NOW)).isEqualTo(Standing.FOREIGN);
        assertThat(nonces.standing(nonce + "A", NOW)).isEqualTo(Standing.FOREIGN);
    }

    @Test
    void noTwoAreTheSame() {
        assertThat(nonces.issue(NOW)).isNotEqualTo(nonces.issue(NOW));
    }
}
