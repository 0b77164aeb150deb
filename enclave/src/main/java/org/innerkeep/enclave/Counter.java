package org.innerkeep.enclave;

/** A number that the host may read at any time. Public: count nothing that a client confided. Safe for use by several threads. */
public interface Counter {
    /** Adds one. */
    default void increment() {
        add(1);
    }

    /**
     * Adds.
     *
     * @param amount how much; may be negative
     */
    void add(long amount);
}
