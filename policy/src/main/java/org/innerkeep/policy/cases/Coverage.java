package org.innerkeep.policy.cases;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.RulePlace;
import org.innerkeep.policy.Trace;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.SectionKind;

/** Counts what cases reach. */
final class Coverage {
    private static final class Counts {
        private final Rule rule;
        private final int[] held;
        private final int[] failed;
        private int fired;

        private Counts(Rule rule) {
            this.rule = rule;
            this.held = new int[rule.conditions().size()];
            this.failed = new int[rule.conditions().size()];
        }
    }

    private final Map<RulePlace, Counts> rules = new LinkedHashMap<>();

    Coverage(Policy policy) {
        for (SectionKind section : SectionKind.values()) {
            int number = 1;
            for (Rule rule : policy.tree().rules(section)) {
                rules.put(new RulePlace(section, number++, rule.position()), new Counts(rule));
            }
        }
    }

    void add(Trace trace) {
        for (Trace.RuleTrace each : trace.rules()) {
            Counts counts = rules.get(each.place());
            if (counts == null) {
                throw new IllegalStateException("a trace of another policy: " + each.place());
            }
            counts.fired += each.fired() ? 1 : 0;
            for (int i = 0; i < each.conditions().size(); i++) {
                switch (each.conditions().get(i).held()) {
                    case YES -> counts.held[i]++;
                    case NO -> counts.failed[i]++;
                    case NOT_REACHED -> {}
                }
            }
        }
    }

    List<TestReport.RuleCoverage> rules() {
        List<TestReport.RuleCoverage> all = new ArrayList<>();
        rules.forEach((place, counts) -> {
            List<TestReport.ConditionCoverage> conditions = new ArrayList<>();
            for (int i = 0; i < counts.held.length; i++) {
                conditions.add(new TestReport.ConditionCoverage(
                        counts.rule.conditions().get(i), counts.held[i], counts.failed[i]));
            }
            all.add(new TestReport.RuleCoverage(place, counts.fired, conditions));
        });
        return List.copyOf(all);
    }
}
