package org.innerkeep.attestation.http;

/**
 * Who calls.
 *
 * @param name for logs and for the record of a change; {@code anonymous} where nothing was shown
 * @param access what the caller may
 */
public record Caller(String name, Access access) {
    /** Who has shown nothing. */
    public static final Caller ANONYMOUS = new Caller("anonymous", Access.ANYONE);

    /**
     * Tells whether the caller is allowed to.
     *
     * @param needed what
     * @return whether it is
     */
    public boolean may(Access needed) {
        return access.compareTo(needed) >= 0;
    }
}
