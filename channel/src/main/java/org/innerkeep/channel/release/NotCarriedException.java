package org.innerkeep.channel.release;

import java.io.Serial;

/** A host has no answer of a vault, or no file, for its enclave. */
public final class NotCarriedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why. Names are stable. */
    public enum Code {
        /** The host's operator did not say that it may carry there, or named no folder of sealed files. */
        NOT_ALLOWED,
        /** There is no file of that name, or it is no ordinary file. */
        NO_SUCH_FILE,
        /** Nothing answers at the vault's address, or not as it must: an answer without end, for example. */
        UNREACHABLE,
        /** What answers at the vault's address shows a certificate that none of the host's vouches for. */
        NOT_TRUSTED,
        /** The answer did not come in time. */
        TOO_LATE,
        /** The host carries as much as it may at once. */
        BUSY
    }

    /**
     * What is carried.
     *
     * @param code why
     * @param problem for people: what was found, and what to do
     */
    public record Detail(Code code, String problem) {}

    private final transient Detail detail;

    /**
     * Creates the failure.
     *
     * @param detail why
     */
    public NotCarriedException(Detail detail) {
        super(detail.code() + ": " + detail.problem());
        this.detail = detail;
    }

    /** {@return why; hostile where it comes from a host} */
    public Detail detail() {
        return detail;
    }
}
