package org.innerkeep.policy.cases;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.ClaimValue;
import org.innerkeep.policy.Outcome;

/**
 * A test case: claims, and what a policy makes of them. What is not given is not compared.
 *
 * @param name what the case shows
 * @param policy the name of the policy's file, where one file has cases of several policies
 * @param claims the claims that come in
 * @param decision the outcome; none where the policy is expected to be no policy at all
 * @param issued all claims that are issued, by name
 * @param properties all properties of the token, by name
 * @param configuration all settings of the verifier, by name
 */
public record PolicyCase(
        String name,
        Optional<String> policy,
        List<Claim> claims,
        Optional<Outcome> decision,
        Optional<Map<String, List<ClaimValue>>> issued,
        Optional<Map<String, List<ClaimValue>>> properties,
        Optional<Map<String, List<ClaimValue>>> configuration) {
    /** Copies the list. */
    public PolicyCase {
        claims = List.copyOf(claims);
    }

    /** {@return whether the text is expected to be refused when it is read} */
    public boolean expectsNoPolicy() {
        return decision.isEmpty();
    }
}
