package org.innerkeep.enclave;

/** What is known of whether a stored value is the newest that was stored. */
public enum Freshness {
    /** It is: a register outside the host's reach names this very version. */
    PROVEN,
    /** Nobody knows: the host may have given an older one, or another enclave of the same identity may have stored a newer one. */
    UNKNOWN
}
