package org.innerkeep.vault.key;

import java.time.Instant;

/** Whether a key is there. */
public sealed interface KeyState {
    /** It is there. */
    record Active() implements KeyState {}

    /**
     * It was deleted, and can be recovered until it is purged.
     *
     * @param at when
     * @param purgeAt when it will be purged at the earliest by itself; whoever may do so can purge it before
     */
    record Deleted(Instant at, Instant purgeAt) implements KeyState {}

    /**
     * Its secrets are gone. What its policies and grants were is still known, so that a backup does not bring older ones back.
     *
     * @param at when
     */
    record Purged(Instant at) implements KeyState {}
}
