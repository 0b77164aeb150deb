package org.innerkeep.attestation.http;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a caller must be allowed to. Setting policies and administering keys are two things: whoever may do one may not for that do the
 * other.
 */
public enum Access {
    /** Nothing. */
    ANYONE,
    /** To read policies and what is set. */
    READER,
    /** To set them, as far as the service's mode lets anyone, and to read them. */
    CONTRIBUTOR,
    /** To see the public part of a key whose name is known. */
    KEY_VIEWER,
    /** To ask for what a policy then decides on, the release of a key, and to see its public part: nothing else. */
    USER,
    /** To read all of the vault but secrets: keys, grants, what was decided. */
    VAULT_READER,
    /** To administer keys, and to do what the three before may. */
    VAULT_OWNER;

    /**
     * Tells whether whoever is allowed to do this is allowed to do that.
     *
     * @param needed that
     * @return whether it is included
     */
    public boolean includes(Access needed) {
        return needed == ANYONE || included().contains(needed);
    }

    private Set<Access> included() {
        return switch (this) {
            case ANYONE -> EnumSet.noneOf(Access.class);
            case READER, KEY_VIEWER -> EnumSet.of(this);
            case CONTRIBUTOR -> EnumSet.of(CONTRIBUTOR, READER);
            case USER, VAULT_READER -> EnumSet.of(this, KEY_VIEWER);
            case VAULT_OWNER -> EnumSet.of(VAULT_OWNER, VAULT_READER, USER, KEY_VIEWER);
        };
    }
}
