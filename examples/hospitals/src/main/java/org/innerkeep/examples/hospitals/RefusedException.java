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
        /** The operator has given no job yet. */
        NO_JOB,
        /** The enclave has its job already; another one needs another enclave. */
        JOB_FIXED,
        /** The job file is malformed. */
        JOB_MALFORMED,
        /** The job names other code than this enclave is: another signer, product, version, runtime or measurement. */
        JOB_NOT_FOR_THIS_CODE,
        /** The code does not understand the job's parameters. */
        JOB_UNUSABLE,
        /** The enclave was given another job than the one meant. */
        JOB_DIFFERS,
        /** The job names no such owner or recipient. */
        NOT_IN_JOB,
        /** This owner has already released. */
        OWNER_ALREADY_RELEASED,
        /** The owner's key did not sign this release in this session. */
        SIGNATURE_INVALID,
        /** The released file key is not sealed to this enclave. */
        KEY_UNREADABLE,
        /** The operator has given no sealed file of this owner. */
        INPUT_MISSING,
        /** The operator has given another sealed file than the owner released. */
        INPUT_DIFFERS,
        /** The sealed file cannot be opened, or is no table. */
        INPUT_UNREADABLE,
        /** An owner did not vouch for the vault, the key and the file that the job names for it. */
        VAULT_NOT_VOUCHED,
        /** The host did not carry to an owner's vault, or brought nothing back. */
        VAULT_NOT_REACHED,
        /** An owner's vault does not give the key of the owner's file. */
        VAULT_REFUSED,
        /** What was answered is not of the vault that the job names, or not for this request. */
        VAULT_REPLACED,
        /** Fewer records than agreed, or too few of one class to tell how good a model is. */
        TOO_FEW_RECORDS,
        /** The table has other columns than agreed. */
        COLUMNS_DIFFER,
        /** Not every owner has released. */
        OWNERS_MISSING,
    }

    /**
     * What crosses to the hospital.
     *
     * @param reason why
     * @param explanation what was found and wanted, made of constants, line numbers and names of columns
     */
    public record Detail(Reason reason, String explanation) {}

    private final transient Detail detail;

    /**
     * Creates a refusal.
     *
     * @param detail why
     */
    public RefusedException(Detail detail) {
        super(detail.reason() + ": " + detail.explanation());
        this.detail = detail;
    }

    static RefusedException of(Reason reason, String explanation) {
        return new RefusedException(new Detail(reason, explanation));
    }

    /** {@return why, with an explanation} */
    public Detail detail() {
        return detail;
    }

    /** {@return why} */
    public Reason reason() {
        return detail.reason();
    }
}
