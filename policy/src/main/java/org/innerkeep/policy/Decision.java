package org.innerkeep.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a policy decided. Immutable.
 *
 * @param outcome the decision
 * @param issued claims for the token, in the order in which rules issued them, each once; none unless permitted
 * @param properties of the token, set by issuance rules; none unless permitted
 * @param configuration settings for the verifier, set by configuration rules
 * @param decidedBy the first rule that denied or, with {@link Outcome#PERMIT}, the first that permitted
 * @param problem with {@link Outcome#ERROR}, what went wrong
 */
public record Decision(
        Outcome outcome,
        List<Claim> issued,
        List<Claim> properties,
        List<Claim> configuration,
        Optional<RulePlace> decidedBy,
        Optional<EvaluationProblem> problem) {
    /** Copies the lists. */
    public Decision {
        issued = List.copyOf(issued);
        properties = List.copyOf(properties);
        configuration = List.copyOf(configuration);
    }

    /**
     * Whether the evidence is accepted.
     *
     * @return whether the outcome is {@link Outcome#PERMIT}
     */
    public boolean permitted() {
        return outcome == Outcome.PERMIT;
    }

    /**
     * Values by name, for a token: several claims of a name are several values.
     *
     * @param claims such as {@link #issued}
     * @return names in the order of their first claim, each with its different values in order
     */
    public static Map<String, List<ClaimValue>> byType(List<Claim> claims) {
        Map<String, DistinctValues> values = new LinkedHashMap<>();
        claims.forEach(each -> values.computeIfAbsent(each.type(), type -> new DistinctValues()).add(each.value()));
        Map<String, List<ClaimValue>> result = new LinkedHashMap<>();
        values.forEach((type, all) -> result.put(type, List.copyOf(all.list())));
        return result;
    }
}
