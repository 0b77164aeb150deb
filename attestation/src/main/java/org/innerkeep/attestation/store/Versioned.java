package org.innerkeep.attestation.store;

import java.time.Instant;

/**
 * A value with the number of its version, for compare-and-set.
 *
 * @param <T> what it is
 * @param version 0 where it was never set, and one more with each change
 * @param value what holds
 * @param setBy who set it; empty for version 0
 * @param setAt when, by the clock of the instance that wrote it; 1970 for version 0
 */
public record Versioned<T>(long version, T value, String setBy, Instant setAt) {
    static <T> Versioned<T> never(T value) {
        return new Versioned<>(0, value, "", Instant.EPOCH);
    }
}
