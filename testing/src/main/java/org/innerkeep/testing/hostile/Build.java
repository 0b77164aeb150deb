package org.innerkeep.testing.hostile;

/** What a host can start in place of the enclave that everybody agreed to. */
public enum Build {
    /** The enclave that everybody agreed to. */
    AGREED,
    /** Another program. Best one that keeps or tells whatever it is given. */
    OTHER_CODE,
    /** The same program at an older security version than clients accept. */
    OLDER,
    /** The same program, debuggable. */
    DEBUG,
    /** The agreed program, vouched for by a platform that nobody pinned. */
    OTHER_PLATFORM,
    /** The agreed program on a platform whose clock is behind by more than clients accept. */
    CLOCK_BEHIND,
    /** The agreed program on a platform whose clock is ahead by more than clients accept. */
    CLOCK_AHEAD
}
