package org.innerkeep.policy.cases;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.policy.RulePlace;
import org.innerkeep.policy.tree.Condition;
import org.innerkeep.policy.tree.Property;

/**
 * What came of test cases. Immutable.
 *
 * @param results one for each case, in order
 * @param rules what of the policy the cases reached, one for each rule in order; none if the text is no policy
 */
public record TestReport(List<Result> results, List<RuleCoverage> rules) {
    /** Copies the lists. */
    public TestReport {
        results = List.copyOf(results);
        rules = List.copyOf(rules);
    }

    /**
     * What came of a case.
     *
     * @param policyCase the case
     * @param differences from what was expected, each a line without hostile characters; none if the case passed
     */
    public record Result(PolicyCase policyCase, List<String> differences) {
        /** Copies the list. */
        public Result {
            differences = List.copyOf(differences);
        }

        /** {@return whether all was as expected} */
        public boolean passed() {
            return differences.isEmpty();
        }
    }

    /**
     * How often a rule fired.
     *
     * @param place which rule
     * @param fired in how many cases
     * @param conditions one for each of its conditions, in order
     */
    public record RuleCoverage(RulePlace place, int fired, List<ConditionCoverage> conditions) {
        /** Copies the list. */
        public RuleCoverage {
            conditions = List.copyOf(conditions);
        }
    }

    /**
     * How often a condition held.
     *
     * @param condition the condition
     * @param held in how many cases it did
     * @param failed in how many it did not; where a condition before it failed it is in neither
     */
    public record ConditionCoverage(Condition condition, int held, int failed) {}

    /** {@return how many cases passed} */
    public int passed() {
        return (int) results.stream().filter(Result::passed).count();
    }

    /** {@return whether all cases passed} */
    public boolean allPassed() {
        return passed() == results.size();
    }

    /**
     * What no case reached: rules that never fired, and conditions that never held or never failed. One that only takes claims by their
     * name for an identifier need not fail.
     *
     * @return one line each
     */
    public List<String> gaps() {
        List<String> gaps = new ArrayList<>();
        for (RuleCoverage rule : rules) {
            if (rule.fired() == 0) {
                gaps.add(rule.place() + " fired in no case");
            }
            for (int i = 0; i < rule.conditions().size(); i++) {
                ConditionCoverage each = rule.conditions().get(i);
                String condition = rule.place() + ", condition " + (i + 1) + " (" + each.condition().position() + ")";
                if (each.held() == 0 && each.failed() == 0) {
                    gaps.add(condition + " was reached in no case");
                } else if (each.held() == 0) {
                    gaps.add(condition + " held in no case");
                } else if (each.failed() == 0 && !takesByName(each.condition())) {
                    gaps.add(condition + " failed in no case");
                }
            }
        }
        return List.copyOf(gaps);
    }

    private static boolean takesByName(Condition condition) {
        return !condition.negated() && condition.identifier().isPresent() && condition.comparisons().stream()
                .allMatch(each -> each.property() == Property.TYPE || each.property() == Property.ISSUER);
    }
}
