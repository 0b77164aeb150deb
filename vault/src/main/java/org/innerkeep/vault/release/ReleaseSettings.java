package org.innerkeep.vault.release;

import java.time.Duration;
import org.innerkeep.evidence.VerifierOptions;

/**
 * What a vault asks of all evidence, before and whatever a grant says.
 *
 * @param options whom the vault trusts to vouch, and its floors. Debug is left to grants, which refuse it unless they name it
 * @param challengeValidity how long a challenge is taken, 1 second to 1 hour
 * @param evidenceAge how old evidence may be that says when it was made
 */
public record ReleaseSettings(VerifierOptions options, Duration challengeValidity, Duration evidenceAge) {
    /** How long a challenge is taken unless it is set. */
    public static final Duration CHALLENGE_VALIDITY = Duration.ofMinutes(2);

    /** How old evidence may be unless it is set. */
    public static final Duration EVIDENCE_AGE = Duration.ofMinutes(5);

    /**
     * Checks ranges.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public ReleaseSettings {
        if (challengeValidity.toSeconds() < 1 || challengeValidity.toSeconds() > 3600) {
            throw new IllegalArgumentException("challenge validity: expected 1 second to 1 hour, found " + challengeValidity);
        }
        if (evidenceAge.toSeconds() < 1 || evidenceAge.toSeconds() > 3600) {
            throw new IllegalArgumentException("evidence age: expected 1 second to 1 hour, found " + evidenceAge);
        }
        options = options.withoutExpectations().allowDebug();
    }
}
