package org.innerkeep.policy.jmespath;

import java.io.Serial;

/**
 * A query is no JMESPath, or cannot be answered for a value. The message says where in the query and why; it holds nothing of the
 * value, and of the query at most names made of letters, digits and underscores.
 */
public final class JmesPathException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** What went wrong; the names but the last are those of the specification. */
    public enum Kind {
        /** The text does not follow the grammar. */
        SYNTAX,
        /** A function is called that does not exist. Found when a query is compiled. */
        UNKNOWN_FUNCTION,
        /** A function is called with too few or too many arguments. Found when a query is compiled. */
        INVALID_ARITY,
        /** A function is called with a value of a type it does not take. */
        INVALID_TYPE,
        /** A value is not one that may stand there, such as a slice's step of 0. */
        INVALID_VALUE,
        /** The query is too long or too deep, or the search used up its budget. */
        LIMIT
    }

    private final Kind kind;
    private final int position;
    private final String problem;

    JmesPathException(Kind kind, int position, String problem) {
        super("JMESPath, character " + (position + 1) + ": " + problem);
        this.kind = kind;
        this.position = position;
        this.problem = problem;
    }

    /** {@return what went wrong} */
    public Kind kind() {
        return kind;
    }

    /** {@return where in the query, in UTF-16 units from 0} */
    public int position() {
        return position;
    }

    /** {@return what was found and what was expected, without the place} */
    public String problem() {
        return problem;
    }
}
