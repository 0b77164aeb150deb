package org.innerkeep.attestation.http;

/**
 * Who calls.
 *
 * @param name for logs and for the record of a change; {@code anonymous} where nothing was shown
 * @param access what the caller may
 */
record Caller(String name, Access access) {
    static final Caller ANONYMOUS = new Caller("anonymous", Access.ANYONE);

    boolean may(Access needed) {
        return access.compareTo(needed) >= 0;
    }
}
