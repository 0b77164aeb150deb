package org.innerkeep.channel.job;

import java.io.Serial;
import org.innerkeep.channel.internal.json.JsonException;

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

    JobException(JsonException refused) {
        super((refused.line() == 0 ? "job: " : "job, ") + refused.getMessage());
        this.line = refused.line();
        this.column = refused.column();
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
