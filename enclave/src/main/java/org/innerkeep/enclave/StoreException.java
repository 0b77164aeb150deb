package org.innerkeep.enclave;

import java.io.IOException;
import java.io.Serial;

/** A value cannot be stored, or not be read. Nothing of a value is in the message. */
public final class StoreException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Code {
        /** The host does not keep what it should, or does not answer. Whether a value that was to be stored is kept is not known. */
        NOT_KEPT,
        /** The host gave an older version than the register names, or than it has given, or was given, since this enclave began. */
        ROLLED_BACK,
        /** Another enclave of this identity stored under this name at the same time; what was to be stored here was not. */
        OVERTAKEN,
        /** What the host gave is no value of this name and version, or was changed. */
        NOT_THE_VALUE,
        /** It is whole as far as can be seen, and nothing that this enclave has opens it: another identity or platform sealed it. */
        NOT_OPENED,
        /**
         * The host says that there is no value, and whether there was one nobody can tell: the vault with the register was restored from a
         * copy, and has forgotten what was stored first after that copy was made. Once a value is stored it is known again.
         */
        NOT_KNOWN
    }

    private final Code code;

    /**
     * Creates the failure.
     *
     * @param code why, for programs
     * @param message why, for people
     */
    public StoreException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /**
     * Creates the failure.
     *
     * @param code why, for programs
     * @param message why, for people
     * @param cause what lies beneath
     */
    public StoreException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** {@return why} */
    public Code code() {
        return code;
    }
}
