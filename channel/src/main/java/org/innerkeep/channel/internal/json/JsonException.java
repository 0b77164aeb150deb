package org.innerkeep.channel.internal.json;

import java.io.Serial;

/** Text is not JSON as it is accepted here. Says where, counting from one; zero where no single place is at fault. */
public final class JsonException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;
    private final String problem;

    JsonException(int line, int column, String problem) {
        super(line == 0 ? problem : "line " + line + ", column " + column + ": " + problem);
        this.line = line;
        this.column = column;
        this.problem = problem;
    }

    /** {@return the line at fault} */
    public int line() {
        return line;
    }

    /** {@return the column at fault, in characters} */
    public int column() {
        return column;
    }

    /** {@return what is wrong, without its place} */
    public String problem() {
        return problem;
    }
}
