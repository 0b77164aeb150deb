package org.innerkeep.enclave;

import java.util.Objects;

/**
 * A value that was stored. Immutable, safe for use by several threads. Its text shows nothing of the value.
 */
public final class Stored {
    private final byte[] value;
    private final long version;
    private final Freshness freshness;

    /**
     * A value.
     *
     * @param value copied
     * @param version its number, 1 for the first
     * @param freshness whether it is known to be the newest
     */
    public Stored(byte[] value, long version, Freshness freshness) {
        this.value = value.clone();
        this.version = version;
        this.freshness = Objects.requireNonNull(freshness, "freshness");
    }

    /** {@return the value, a copy} */
    public byte[] value() {
        return value.clone();
    }

    /** {@return its number: higher with each that was stored} */
    public long version() {
        return version;
    }

    /** {@return whether it is known to be the newest: look before you rely on it} */
    public Freshness freshness() {
        return freshness;
    }

    @Override
    public String toString() {
        return "Stored[version " + version + ", " + value.length + " bytes, freshness " + freshness + "]";
    }
}
