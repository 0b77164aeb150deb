package org.innerkeep.policy;

import java.util.List;

/** Short ways to write policies in tests. */
final class Policies {
    private Policies() {}

    /** A policy of version 1.2 with these authorization rules. */
    static Policy authorizing(String rules) {
        return Policy.parse("version=1.2;authorizationrules{" + rules + "};").orThrow();
    }

    /** A policy of version 1.2 that permits, with these issuance rules. */
    static Policy issuing(String rules) {
        return Policy.parse("version=1.2;authorizationrules{=>permit();};issuancerules{" + rules + "};")
                .orThrow();
    }

    /** Whether a condition holds. */
    static boolean holds(String conditions, Claim... claims) {
        Decision decision = authorizing(conditions + " => permit();").evaluate(List.of(claims));
        if (decision.outcome() == Outcome.ERROR) {
            throw new AssertionError(decision.problem());
        }
        return decision.permitted();
    }

    /** What is issued, as {@code type=value} in order. */
    static List<String> issued(String rules, Claim... claims) {
        Decision decision = issuing(rules).evaluate(List.of(claims));
        if (!decision.permitted()) {
            throw new AssertionError(decision);
        }
        return decision.issued().stream()
                .map(each -> each.type() + "=" + Shown.value(each.value()))
                .toList();
    }

    /** Why issuing failed. */
    static String failure(String rules, Claim... claims) {
        Decision decision = issuing(rules).evaluate(List.of(claims));
        return decision.problem()
                .orElseThrow(() -> new AssertionError(decision))
                .toString();
    }
}
