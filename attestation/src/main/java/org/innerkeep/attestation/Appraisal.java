package org.innerkeep.attestation;

import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;

/**
 * What an appraisal came to: the same for the same evidence, data, endorsements, policy, floors and time.
 *
 * @param outcome what it came to
 * @param proven whether the policy decided over proven claims: whatever ends an appraisal before, anyone can cause
 * @param endorsements everything that the verifier was answered with, in the form of {@code EndorsementPool}; nothing where there was more
 *     than that holds, or nothing was asked for
 * @param keepEndorsements whether they are kept; not where a request brought more than whoever sends it may have kept
 */
record Appraisal(Outcome outcome, boolean proven, Optional<Bytes> endorsements, boolean keepEndorsements) {
    /** What it came to. */
    sealed interface Outcome {
        /**
         * The policy permits what was proven.
         *
         * @param claims for the token, in their order
         */
        record Permitted(Map<String, Object> claims) implements Outcome {}

        /**
         * It is not attested.
         *
         * @param problem why
         */
        record NotPermitted(Problem problem) implements Outcome {}
    }
}
