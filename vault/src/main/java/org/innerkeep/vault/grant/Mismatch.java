package org.innerkeep.vault.grant;

/**
 * One reason why a grant does not permit.
 *
 * @param code stable, for programs
 * @param path the claim or field that it is about
 * @param found what was found; never a secret
 * @param wanted what would have to be found
 * @param remedy what to do about it
 */
public record Mismatch(Code code, String path, String found, String wanted, String remedy) {
    /** Why. Names are stable. */
    public enum Code {
        /** The grant was revoked. */
        REVOKED,
        /** The grant does not hold yet. */
        NOT_YET,
        /** The grant holds no longer. */
        EXPIRED,
        /** Everything that may be released by it was. */
        USED_UP,
        /** The grant was given while this was decided. */
        JUST_GIVEN,
        /** Another developer signed the code. */
        SIGNER,
        /** It is another product of the developer. */
        PRODUCT,
        /** The security version is older than the oldest that is accepted. */
        VERSION,
        /** Other code, or another configuration of it, runs. */
        MEASUREMENT,
        /** It runs on another platform. */
        PLATFORM,
        /** More can read the enclave's memory than may. */
        MEMORY,
        /** Someone else vouches. */
        ANCHOR,
        /** It is another job, or none. */
        JOB,
        /** It can be debugged. */
        DEBUG,
        /** The grant's policy does not permit it. */
        POLICY
    }

    @Override
    public String toString() {
        return code + " " + path + ": found " + found + ", wanted " + wanted + ". " + remedy;
    }
}
