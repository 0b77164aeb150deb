package org.innerkeep.examples.hospitals;

import java.io.Serial;

/**
 * The job does not go on, for a stable reason. The message is made of constants, line numbers and names of columns that the
 * job gives; never of patients' data.
 */
public final class RefusedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why. Names are stable: programs and tests may rely on them. */
    public enum Reason {
        /** The code does not understand the job's parameters. */
        JOB_UNUSABLE,
        /** The enclave was given another job than the one meant. */
        JOB_DIFFERS,
        /** The key is of none of the job's owners. */
        OWNER_NOT_IN_JOB,
        /** This owner has already released. */
        OWNER_ALREADY_RELEASED,
        /** The owner's key did not sign this release in this session. */
        SIGNATURE_INVALID,
        /** The operator has given no sealed file of this owner. */
        INPUT_MISSING,
        /** The operator has given another sealed file than the owner released. */
        INPUT_DIFFERS,
        /** The sealed file cannot be opened, or is no table. */
        INPUT_UNREADABLE,
        /** Fewer records than agreed, or too few of one class to tell how good a model is. */
        TOO_FEW_RECORDS,
        /** The table has other columns than agreed. */
        COLUMNS_DIFFER,
        /** Not every owner has released. */
        OWNERS_MISSING,
    }

    private final Reason reason;

    /**
     * Creates a refusal.
     *
     * @param reason why
     * @param detail what was found and wanted, without data
     */
    public RefusedException(Reason reason, String detail) {
        super(reason + ": " + detail);
        this.reason = reason;
    }

    /** {@return why} */
    public Reason reason() {
        return reason;
    }
}
