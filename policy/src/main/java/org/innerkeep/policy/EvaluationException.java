package org.innerkeep.policy;

import java.util.Optional;
import org.innerkeep.policy.tree.Position;

/** Ends an evaluation. Without a stack trace: what matters is the place in the policy. */
final class EvaluationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Optional<Position> position;

    EvaluationException(Position position, String message) {
        super(message, null, false, false);
        this.position = Optional.of(position);
    }

    /** The place is that of whatever is being done. */
    EvaluationException(String message) {
        super(message, null, false, false);
        this.position = Optional.empty();
    }

    /** The same at a place, unless it has one that is nearer. */
    EvaluationException at(Position place) {
        return position.isPresent() ? this : new EvaluationException(place, String.valueOf(getMessage()));
    }

    EvaluationProblem in(Optional<RulePlace> rule) {
        return new EvaluationProblem(
                rule, position.or(() -> rule.map(RulePlace::position)), String.valueOf(getMessage()));
    }
}
