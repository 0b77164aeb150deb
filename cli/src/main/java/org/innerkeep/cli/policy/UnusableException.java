package org.innerkeep.cli.policy;

import java.io.Serial;

/** A file that a command needs cannot be read, or is not what it should be. The message is safe to print. */
final class UnusableException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    UnusableException(String message, Throwable cause) {
        super(message, cause);
    }

    UnusableException(String message) {
        super(message);
    }
}
