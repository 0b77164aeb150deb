package org.innerkeep.policy;

import java.util.List;
import java.util.stream.Collectors;

/** What reading a policy gave: a policy, or every problem that was found. */
public sealed interface Parsed {
    /**
     * The text is a policy.
     *
     * @param policy the policy
     */
    record Valid(Policy policy) implements Parsed {}

    /**
     * The text is no policy.
     *
     * @param problems at least one, by their place, at most {@link Limits#MAX_PROBLEMS}
     */
    record Invalid(List<Problem> problems) implements Parsed {
        /** Copies the problems. */
        public Invalid {
            problems = List.copyOf(problems);
        }
    }

    /**
     * The policy, for callers to whom a wrong text is a mistake of their own, such as a constant.
     *
     * @return the policy
     * @throws IllegalArgumentException naming every problem, if the text is no policy
     */
    default Policy orThrow() {
        return switch (this) {
            case Valid valid -> valid.policy();
            case Invalid invalid ->
                throw new IllegalArgumentException(
                        invalid.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")));
        };
    }
}
