package org.innerkeep.attestation;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Anchor;

/**
 * What the service is: whose name it signs under, who may set its policies, and what it asks of evidence.
 *
 * @param issuer the {@code iss} of tokens and the address of the service, without a slash at its end
 * @param tokenLifetime how long a token is valid, a minute to a week
 * @param mode who may set policies
 * @param floors what is asked of all evidence, before any policy
 * @param requireRuntimeData whether evidence must come with the data that it is over: else a token may prove nothing about a key
 * @param nonceValidity how long a nonce of this service is current
 * @param recording which decisions are recorded
 * @param approvalValidity how long a change of policies waits for the approval of a second identity; nothing where one is enough
 */
public record ServiceSettings(
        String issuer,
        Duration tokenLifetime,
        TrustMode mode,
        Floors floors,
        boolean requireRuntimeData,
        Duration nonceValidity,
        Recorded recording,
        Optional<Duration> approvalValidity) {
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(7);

    private static final Duration LONGEST_APPROVAL = Duration.ofDays(30);

    /** Which decisions are recorded. */
    public enum Recorded {
        /** All, also about evidence that proved nothing: anyone can cause those. */
        ALL,
        /** Those over evidence that proved something, whether the policy permitted or not. */
        PROVEN,
        /** None. */
        NONE
    }

    /**
     * Checks the issuer and the times.
     *
     * @throws IllegalArgumentException if one is out of bounds
     */
    public ServiceSettings {
        if (!issuer.matches("https?://[A-Za-z0-9.\\-\\[\\]:_~/]{1,240}[A-Za-z0-9\\]]")) {
            throw new IllegalArgumentException(
                    "issuer: expected an http or https address without a slash at its end, found '" + issuer + "'");
        }
        if (tokenLifetime.compareTo(SHORTEST) < 0 || tokenLifetime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("token lifetime: expected a minute to a week, found " + tokenLifetime);
        }
        if (nonceValidity.compareTo(Duration.ofSeconds(1)) < 0 || nonceValidity.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("nonce validity: expected a second to a day, found " + nonceValidity);
        }
        if (approvalValidity.filter(time -> time.compareTo(SHORTEST) < 0 || time.compareTo(LONGEST_APPROVAL) > 0).isPresent()) {
            throw new IllegalArgumentException("policy approval validity: expected a minute to 30 days");
        }
    }

    /**
     * Everything that an appraisal depends on besides its request, its policy, its endorsements and the time.
     *
     * @return values by name, in a fixed order
     */
    Map<String, Object> appraisal() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("anchors", floors.anchors().stream().map(Anchor::id).map(Object::toString).sorted().toList());
        all.put("debug", floors.debug());
        all.put("migration", floors.migration());
        all.put("tcb", floors.tcb().stream().map(Object::toString).sorted().toList());
        all.put("least-evaluation", floors.leastEvaluation().orElse(0));
        all.put("missing-revocation-list", floors.missingRevocationList());
        all.put("require-runtime-data", requireRuntimeData);
        return all;
    }
}
