package org.innerkeep.policy;

import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.tree.Comparison;
import org.innerkeep.policy.tree.Condition;
import org.innerkeep.policy.tree.Rule;

/**
 * What every rule did in one evaluation: an explanation for people and a source for coverage. Immutable.
 *
 * @param rules in the order in which they ran; rules that did not run, because evidence was refused before, are not in it
 */
public record Trace(List<RuleTrace> rules) {
    /** Claims of which a trace keeps the first ones only. */
    public static final int KEPT_CLAIMS = 10;

    /** Copies the list. */
    public Trace {
        rules = List.copyOf(rules);
    }

    /**
     * What a rule did.
     *
     * @param place which rule
     * @param rule the rule
     * @param conditions one for each condition of the rule, in order
     * @param fired whether all conditions held, so that the action was done
     * @param made the claims that the action made or passed on, the first {@link #KEPT_CLAIMS} of them
     * @param madeCount how many they were
     * @param problem why the rule could not be evaluated
     */
    public record RuleTrace(
            RulePlace place,
            Rule rule,
            List<ConditionTrace> conditions,
            boolean fired,
            List<Claim> made,
            int madeCount,
            Optional<EvaluationProblem> problem) {
        /** Copies the lists. */
        public RuleTrace {
            conditions = List.copyOf(conditions);
            made = List.copyOf(made);
        }
    }

    /** Whether a condition held. */
    public enum Held {
        /** It did. */
        YES,
        /** It did not, so the rule ended there. */
        NO,
        /** A condition before it did not hold, or the evaluation ended. */
        NOT_REACHED
    }

    /**
     * What a condition found.
     *
     * @param condition the condition
     * @param held whether it held
     * @param matched claims that fit, the first {@link #KEPT_CLAIMS} of them
     * @param matchedCount how many fit
     * @param nearest where none fit, claims that come nearest, the first {@link #KEPT_CLAIMS} of them
     */
    public record ConditionTrace(
            Condition condition, Held held, List<Claim> matched, int matchedCount, List<Nearest> nearest) {
        /** Copies the lists. */
        public ConditionTrace {
            matched = List.copyOf(matched);
            nearest = List.copyOf(nearest);
        }
    }

    /**
     * A claim that has the name that was looked for, and does not fit.
     *
     * @param claim the claim
     * @param failed the first comparison that it fails
     */
    public record Nearest(Claim claim, Comparison failed) {}
}
