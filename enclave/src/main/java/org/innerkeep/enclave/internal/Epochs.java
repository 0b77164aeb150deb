package org.innerkeep.enclave.internal;

import java.util.HashMap;
import java.util.Map;
import org.innerkeep.evidence.Bytes;

/**
 * The highest epoch that this enclave has seen of each vault in its life. An older one means that an old copy of the vault was
 * put back, whose revocations may be undone. An enclave that has just begun remembers none. Safe for use by several threads.
 */
final class Epochs {
    /** More vaults than any program has; what a hostile client can name of them is bounded so. */
    private static final int MAX_VAULTS = 4096;

    private final Map<Bytes, Long> highest = new HashMap<>();

    /** The least that is accepted of a vault. */
    synchronized long least(Bytes vault) {
        return highest.getOrDefault(vault, 1L);
    }

    /**
     * Remembers.
     *
     * @return false if a higher one was seen meanwhile
     * @throws IllegalStateException if too many vaults are remembered
     */
    synchronized boolean saw(Bytes vault, long epoch) {
        long before = least(vault);
        if (epoch < before) {
            return false;
        }
        if (highest.size() == MAX_VAULTS && !highest.containsKey(vault)) {
            throw new IllegalStateException(
                    "this enclave has used " + MAX_VAULTS + " vaults, and forgets no epoch: start another");
        }
        highest.put(vault, epoch);
        return true;
    }
}
