package org.innerkeep.evidence;

/**
 * One reason for a refusal.
 *
 * @param code stable, for programs
 * @param path the claim or field at fault, such as {@code report.svn}
 * @param found what was found; never a secret
 * @param wanted what was wanted
 * @param remedy what to do about it
 */
public record Reason(Code code, String path, String found, String wanted, String remedy) {

    /** Why evidence is refused. Names are stable: programs and tests may rely on them. */
    public enum Code {
        /** The bytes do not have the form of the evidence they claim to be. */
        MALFORMED,
        /** The bytes are of no kind of evidence that this verifier knows. */
        KIND_UNKNOWN,
        /** No pinned anchor vouches for whoever signed. */
        ANCHOR_NOT_PINNED,
        /** A signature is wrong. */
        SIGNATURE_INVALID,
        /** The evidence was issued longer ago than is accepted. */
        EVIDENCE_STALE,
        /** The evidence claims to be issued later than now. */
        EVIDENCE_FROM_FUTURE,
        /** The evidence is not bound to this key, nonce and session. */
        REPORT_DATA_MISMATCH,
        /** The enclave can be debugged: whoever runs it can read its memory. */
        DEBUG_ENCLAVE,
        /** The evidence is of the mock platform, which protects nothing. */
        MOCK_PLATFORM,
        /** The platform is not one that is accepted. */
        PLATFORM_NOT_ACCEPTED,
        /** Keeper, host and enclave ran as one user, so each can read the other. */
        ISOLATION_SAME_USER,
        /**
         * Another code or configuration runs than the one agreed, or evidence states a measurement that does not follow
         * from its own parts.
         */
        MEASUREMENT_MISMATCH,
        /** Another Java runtime runs the enclave than the one agreed. */
        RUNTIME_MISMATCH,
        /** Another developer signed the bundle. */
        SIGNER_MISMATCH,
        /** Another product of the same developer. */
        PRODUCT_MISMATCH,
        /** The security version is older than the oldest that is accepted. */
        SVN_TOO_LOW,
    }

    @Override
    public String toString() {
        return code + " " + path + ": found " + found + ", wanted " + wanted + ". " + remedy;
    }
}
