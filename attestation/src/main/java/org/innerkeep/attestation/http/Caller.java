package org.innerkeep.attestation.http;

import java.util.Set;

/**
 * Who calls.
 *
 * @param name for logs and for the record of a change; {@code anonymous} where nothing was shown
 * @param rights what the caller may
 */
public record Caller(String name, Set<Access> rights) {
    /** Who has shown nothing. */
    public static final Caller ANONYMOUS = new Caller("anonymous", Set.of());

    /** Copies the set. */
    public Caller {
        rights = Set.copyOf(rights);
    }

    /**
     * Tells whether the caller is allowed to.
     *
     * @param needed what
     * @return whether it is
     */
    public boolean may(Access needed) {
        return needed == Access.ANYONE || rights.stream().anyMatch(each -> each.includes(needed));
    }
}
