package org.innerkeep.attestation.log;

import java.util.List;
import java.util.stream.Collectors;

/** What a {@link LogVerifier} found. An ordinary value: only a log that cannot be read at all is an exception. */
public sealed interface LogVerdict {
    /** Nothing contradicts. */
    record Intact() implements LogVerdict {}

    /**
     * Something contradicts.
     *
     * @param findings all that was found, at least one
     */
    record Convicted(List<Finding> findings) implements LogVerdict {
        /** Copies the findings. */
        public Convicted {
            findings = List.copyOf(findings);
        }

        /** {@return each finding on a line of its own} */
        @Override
        public String toString() {
            return findings.stream().map(Finding::toString).collect(Collectors.joining("\n"));
        }

        /**
         * Tells whether something was found.
         *
         * @param code what
         * @return whether it was
         */
        public boolean has(Code code) {
            return findings.stream().anyMatch(each -> each.code() == code);
        }
    }

    /**
     * One contradiction.
     *
     * @param code what kind
     * @param detail where, and what was expected and found; for people
     */
    record Finding(Code code, String detail) {
        @Override
        public String toString() {
            return code + " " + detail;
        }
    }

    /** Kinds of contradictions. */
    enum Code {
        /** A head was signed by another key than the pinned one. Perhaps it is another log; perhaps somebody exchanged the key. */
        WRONG_KEY,
        /** A head names the pinned key, and the signature is not of that key: the head or the receipt was changed. */
        SIGNATURE_INVALID,
        /** A receipt's path does not lead from its leaf to its head: the receipt was changed. */
        NOT_INCLUDED,
        /** The log has another leaf where a receipt has its own. */
        LEAF_REWRITTEN,
        /** The log's leaves up to a signed head do not give the root that was signed: something before it was rewritten. */
        HISTORY_REWRITTEN,
        /** The log is shorter than a signed head. */
        TRUNCATED,
        /** Two heads of one size have different roots: the log was shown in two versions. */
        FORKED,
        /** Two receipts, both signed, have different leaves at one place. */
        EQUIVOCATED,
        /** A leaf stands where it says that it does not stand. */
        REORDERED,
        /** A leaf is no leaf. */
        LEAF_MALFORMED,
        /** The log's own newest head does not sign the leaves that the log has. */
        HEAD_MISMATCH,
        /** The proof that a head goes on from another does not prove it. */
        INCONSISTENT
    }

    /** {@return whether nothing contradicts} */
    default boolean intact() {
        return this instanceof Intact;
    }

    /**
     * Makes a verdict of findings.
     *
     * @param findings what was found, perhaps nothing
     * @return the verdict
     */
    static LogVerdict of(List<Finding> findings) {
        return findings.isEmpty() ? new Intact() : new Convicted(findings);
    }
}
