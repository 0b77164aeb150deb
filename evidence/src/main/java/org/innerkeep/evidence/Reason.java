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
        /** A certificate of a chain may not be where it stands: not a CA, wrong use, wrong name, too long a path. */
        CHAIN_INVALID,
        /** A certificate is no longer valid. */
        CERTIFICATE_EXPIRED,
        /** A certificate is not valid yet. */
        CERTIFICATE_NOT_YET_VALID,
        /** A certificate was revoked. */
        CERTIFICATE_REVOKED,
        /** A key or an algorithm is too weak to prove anything. */
        ALGORITHM_WEAK,
        /** Something that the maker endorses, and that is needed to decide, could not be had. */
        ENDORSEMENT_MISSING,
        /** An endorsement is malformed, or of another thing than the evidence needs. */
        ENDORSEMENT_INVALID,
        /** An endorsement is no longer valid. */
        ENDORSEMENT_EXPIRED,
        /** An endorsement is not valid yet. */
        ENDORSEMENT_NOT_YET_VALID,
        /** An endorsement is older than the oldest evaluation that the relying party accepts. */
        ENDORSEMENT_TOO_OLD,
        /** The platform is below every level that its maker knows. */
        TCB_NOT_SUPPORTED,
        /** The platform's trusted computing base has a status that is not accepted. */
        TCB_STATUS_NOT_ACCEPTED,
        /** What the evidence says of the platform's versions contradicts itself or its certificate. */
        TCB_MISMATCH,
        /** The platform's own attestation enclave, or its module, is not the maker's. */
        IDENTITY_MISMATCH,
        /** Two parts of the evidence do not belong together. */
        BINDING_MISMATCH,
        /** The certificate is of another machine than the evidence. */
        MACHINE_MISMATCH,
        /** Bits that must be zero are not: the meaning of the evidence is not known. */
        RESERVED_NOT_ZERO,
        /** The enclave may be moved to another machine by its operator. */
        MIGRATION_ALLOWED,
        /** The relying party does not accept this line of products. */
        PRODUCT_LINE_REFUSED,
        /** The evidence was not made for the nonce that was given, or for none. */
        NONCE_MISMATCH,
        /** Register values are not those that were quoted. */
        REGISTERS_MISMATCH,
        /** An event log does not lead to the register values that were quoted, or cannot be read in one way only. */
        EVENT_LOG_MISMATCH,
        /** The device is not in the secured state of its life cycle. */
        LIFECYCLE_NOT_SECURED,
        /** A token is of another issuer, or for another audience, or by a key that is not pinned. */
        TOKEN_NOT_ACCEPTED,
        /** The form is known, and this verifier cannot verify it. */
        NOT_VERIFIABLE,
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
        /** The operating system does not confine the enclave as is required: a mechanism is not in place, or the evidence does not say. */
        CONFINEMENT_MISSING,
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
        /** A claim has another value than was expected. */
        CLAIM_MISMATCH,
        /** The security version is older than the oldest that is accepted. */
        SVN_TOO_LOW,
        /** The relying party's appraisal policy does not permit what the claims say, or cannot be evaluated over them. */
        POLICY_REFUSED,
        /** The relying party lets an attestation service decide, and says neither which code it trusts nor by which policy. */
        CODE_NOT_AGREED,
        /** The attestation service that the relying party lets decide refuses the evidence. */
        SERVICE_REFUSED,
        /** That service could not be asked, or did not answer as such a service does: it could not be found out. */
        SERVICE_UNAVAILABLE,
    }

    @Override
    public String toString() {
        return code + " " + path + ": found " + found + ", wanted " + wanted + ". " + remedy;
    }
}
