package org.innerkeep.attestation.store;

import org.innerkeep.attestation.log.Receipt;

/**
 * What became of a change.
 *
 * @param <T> what was to be changed
 */
public sealed interface Change<T> {
    /**
     * It was made, and is on disk.
     *
     * @param <T> what was changed
     * @param now what holds now
     * @param receipt for its leaf in the log
     */
    record Made<T>(Versioned<T> now, Receipt receipt) implements Change<T> {}

    /**
     * Somebody else was first: nothing was changed. Look at what holds and decide again.
     *
     * @param <T> what was to be changed
     * @param current what holds
     */
    record Conflict<T>(Versioned<T> current) implements Change<T> {}
}
