package org.innerkeep.policy.json;

import java.io.Serial;

/**
 * A text is not the strict JSON that is read here. The message says where and what was expected; it never holds the text itself.
 */
public final class JsonException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;
    private final String problem;

    JsonException(int line, int column, String problem) {
        super("line " + line + ", column " + column + ": " + problem);
        this.line = line;
        this.column = column;
        this.problem = problem;
    }

    /** {@return the line of the fault, from 1} */
    public int line() {
        return line;
    }

    /** {@return the column of the fault in UTF-16 units, from 1} */
    public int column() {
        return column;
    }

    /** {@return what was expected, and what was found} */
    public String problem() {
        return problem;
    }
}
