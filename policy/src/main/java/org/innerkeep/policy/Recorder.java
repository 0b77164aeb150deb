package org.innerkeep.policy;

import java.util.Optional;
import org.innerkeep.policy.tree.Comparison;

/** Is told what an evaluation does. It has no part in it: the decision is the same whoever listens. */
interface Recorder {
    /** Nobody listens. */
    Recorder NONE = new Recorder() {};

    default void begin(Program.Step rule) {}

    /** A claim fits the condition that is looked at. */
    default void fits(Claim claim) {}

    /** A claim of the wanted name does not fit the condition that is looked at. */
    default void misses(Claim claim, Comparison failed) {}

    /** The condition that was looked at is done with. */
    default void condition(boolean held) {}

    default void makes(Claim claim) {}

    default void end(boolean fired, Optional<EvaluationProblem> problem) {}
}
