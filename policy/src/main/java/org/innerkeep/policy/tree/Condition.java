package org.innerkeep.policy.tree;

import java.util.List;
import java.util.Optional;

/**
 * A condition: it holds if at least one claim fits every comparison, or, negated, if none does.
 *
 * @param position where it begins, at the {@code !}, the identifier or the bracket
 * @param negated whether a {@code !} stands before it; since version 1.2
 * @param identifier by which the rest of the rule calls all claims that fit
 * @param comparisons at least one
 */
public record Condition(Position position, boolean negated, Optional<String> identifier, List<Comparison> comparisons) {
    /** Copies the comparisons. */
    public Condition {
        comparisons = List.copyOf(comparisons);
    }
}
