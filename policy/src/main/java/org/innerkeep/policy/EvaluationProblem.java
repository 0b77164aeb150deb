package org.innerkeep.policy;

import java.util.Optional;
import org.innerkeep.policy.tree.Position;

/**
 * Why an evaluation could not be completed.
 *
 * @param rule the rule that was evaluated; none if the claims that came in were at fault
 * @param position where in the text; none with no rule
 * @param message what was wrong, what was expected and what to do; claims' values in it are shortened and escaped
 */
public record EvaluationProblem(Optional<RulePlace> rule, Optional<Position> position, String message) {
    @Override
    public String toString() {
        return rule.map(each -> each + ", ").orElse("")
                + position.map(each -> "at " + each + ": ").orElse("")
                + message;
    }
}
