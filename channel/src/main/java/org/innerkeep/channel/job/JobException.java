package org.innerkeep.channel.job;

import java.io.Serial;

/**
 * A job file is refused. Says where: line and column count from one, columns in characters; both are zero where no single
 * place is at fault. A job is public among its owners, so the message may show parts of it, with everything but printable
 * ASCII escaped.
 */
public final class JobException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    JobException(int line, int column, String problem) {
        super(line == 0 ? "job: " + problem : "job, line " + line + ", column " + column + ": " + problem);
        this.line = line;
        this.column = column;
    }

    /** {@return the line at fault, from one; zero where no single place is at fault} */
    public int line() {
        return line;
    }

    /** {@return the column at fault in characters, from one; zero where no single place is at fault} */
    public int column() {
        return column;
    }
}
