package org.innerkeep.vault.master;

import java.io.IOException;
import org.innerkeep.evidence.Bytes;

/** Wraps a master key and unwraps it again, in one way. For one thread. Close it to wipe what it holds. */
sealed interface Protection extends AutoCloseable permits EnclaveProtection, KeyFileProtection, PassphraseProtection,
        TokenProtection {
    /**
     * Wraps.
     *
     * @param id of the master key, 16 bytes
     * @param master 32 bytes; stays the caller's to wipe
     * @return what the store has
     * @throws IOException if it cannot be done
     */
    Wrap wrap(Bytes id, byte[] master) throws IOException;

    /**
     * Unwraps.
     *
     * @param id of the master key
     * @param wrap from the store
     * @return 32 bytes, for the caller to wipe
     * @throws IOException if it was wrapped otherwise, or changed
     */
    byte[] unwrap(Bytes id, Wrap wrap) throws IOException;

    @Override
    void close();

    /** What to say where the store has a master key that was wrapped in another way; whoever opens looks first. */
    static IllegalStateException otherWay(Wrap wrap) {
        return new IllegalStateException("this is no way to unwrap what is wrapped under " + wrap.way());
    }
}
