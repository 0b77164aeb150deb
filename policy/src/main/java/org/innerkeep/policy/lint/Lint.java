package org.innerkeep.policy.lint;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.SectionKind;

/** Checks a policy for what its author probably does not mean. */
public final class Lint {
    private Lint() {}

    /**
     * Checks a policy.
     *
     * @param policy the policy
     * @param type for what evidence it is; with none given, names of claims are compared with those of all types, and only a name
     *     that is nearly a known one is reported
     * @return what was found, by its place
     */
    public static List<Finding> check(Policy policy, Optional<AttestationType> type) {
        Context context = new Context(policy, type);
        RuleChecks rules = new RuleChecks(context);
        QueryChecks queries = new QueryChecks(context);
        for (SectionKind section : SectionKind.values()) {
            for (Rule rule : policy.tree().rules(section)) {
                rules.check(section, rule);
                queries.check(rule);
            }
        }
        new DecisionChecks(context).check();
        return context.findings().stream()
                .distinct()
                .sorted(Comparator.comparing(Finding::position).thenComparing(Finding::code))
                .toList();
    }
}
