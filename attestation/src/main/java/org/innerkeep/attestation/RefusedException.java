package org.innerkeep.attestation;

import java.io.Serial;
import java.util.List;
import org.innerkeep.evidence.MalformedException;

/** A request that is not served. Its message is for the caller: it never holds a secret. */
public final class RefusedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    /**
     * Refuses.
     *
     * @param problem why
     */
    public RefusedException(Problem problem) {
        super(problem.message());
        this.problem = problem;
    }

    /**
     * Refuses.
     *
     * @param code the code
     * @param message what was wrong, where, and what to do
     */
    public RefusedException(Problem.Code code, String message) {
        this(new Problem(code, message, List.of()));
    }

    /**
     * Refuses what is malformed.
     *
     * @param code the code
     * @param malformed what was found
     */
    public RefusedException(Problem.Code code, MalformedException malformed) {
        this(code, String.valueOf(malformed.getMessage()));
    }

    /** {@return why} */
    public Problem problem() {
        return problem;
    }
}
