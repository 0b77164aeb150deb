package org.innerkeep.channel.keeper;

import java.io.Serial;

/** An enclave may not have, or not change, a register of its platform's. */
public final class RegisterRefusedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why. Names are stable: programs and tests may rely on them. */
    public enum Code {
        /** Another enclave of the same identity holds it, and has not ended. */
        HELD,
        /** An enclave of a higher security version has set it. */
        NEWER_VERSION,
        /** It does not say what the enclave took it to say, or the new value is not a later one. */
        MOVED_ON,
        /** This enclave has not claimed it. */
        NOT_CLAIMED,
        /** The platform keeps as many registers as it can. */
        TOO_MANY,
        /** The platform could not read or write it. */
        UNAVAILABLE
    }

    /**
     * What is carried over the connection.
     *
     * @param code why
     * @param message what was found, what was wanted, what to do
     */
    public record Detail(Code code, String message) {}

    private final transient Detail detail;

    /**
     * Creates the refusal.
     *
     * @param detail why
     */
    public RegisterRefusedException(Detail detail) {
        super(detail.code() + ": " + detail.message());
        this.detail = detail;
    }

    /** {@return why} */
    public Detail detail() {
        return detail;
    }
}
