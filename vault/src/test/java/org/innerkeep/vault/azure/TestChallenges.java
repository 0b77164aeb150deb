package org.innerkeep.vault.azure;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.innerkeep.attestation.Nonces;
import org.innerkeep.evidence.Bytes;

/** Challenges of a vault that runs in this process. */
final class TestChallenges implements IssuedChallenges {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Nonces NONCES = new Nonces(new byte[32], RANDOM, Duration.ofMinutes(2));

    static String fresh() {
        return issue(Instant.now());
    }

    @Override
    public Issued issue() {
        return new Issued(fresh(), NONCES.validity());
    }

    static String issue(Instant at) {
        return NONCES.issue(at);
    }

    @Override
    public Optional<Current> current(String text, Instant now) {
        return NONCES.standing(text, now) == Nonces.Standing.CURRENT
                ? Optional.of(new Current(
                        Bytes.sha256(text.getBytes(StandardCharsets.UTF_8)), now.plus(NONCES.validity())))
                : Optional.empty();
    }
}
