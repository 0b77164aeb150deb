package org.innerkeep.enclave;

import java.io.Serial;

/** Sealed bytes cannot be opened: changed, made by another identity or platform, or by a newer security version. */
public final class UnsealException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates the failure.
     *
     * @param message what was found and what was wanted
     */
    public UnsealException(String message) {
        super(message);
    }

    /**
     * Creates the failure.
     *
     * @param message what was found and what was wanted
     * @param cause what lies beneath
     */
    public UnsealException(String message, Throwable cause) {
        super(message, cause);
    }
}
