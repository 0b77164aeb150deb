package org.innerkeep.policy.lint;

import java.util.Set;

/**
 * A claim that verifiers make.
 *
 * @param name its name
 * @param kind what its value is
 * @param hexDigits how many hexadecimal digits, in lower case, its text has; 0 for other text
 * @param types for which attestation types it is made
 * @param always whether these always have it
 * @param role what it says
 */
record KnownClaim(String name, Kind kind, int hexDigits, Set<AttestationType> types, boolean always, Role role) {
    /** What a value is. */
    enum Kind {
        TEXT("text"), NUMBER("a whole number"), FLAG("true or false");

        private final String shown;

        Kind(String shown) {
            this.shown = shown;
        }

        String shown() {
            return shown;
        }
    }

    /** What a claim is about. */
    enum Role {
        /** Which code runs, or whose. */
        IDENTITY,
        /** Whether others can look into it. */
        DEBUG,
        /** Anything else. */
        OTHER
    }
}
