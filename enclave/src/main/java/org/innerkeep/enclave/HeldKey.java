package org.innerkeep.enclave;

import java.io.IOException;
import java.io.InputStream;
import org.innerkeep.channel.release.ReleaseTerms;

/**
 * The key of one file that a vault released, while its lease lasts. When the lease is over the key is wiped and the vault asked
 * again, as at first; without its owner's grant there is no next one. Safe for use by several threads; while the vault is asked,
 * all wait.
 *
 * <p>A lease runs from before its challenge was asked for, by a clock that counts on and that nobody sets ({@link
 * System#nanoTime}). A host can still make that clock slow, by stopping the machine or the enclave; it cannot make it run back.
 */
public interface HeldKey extends AutoCloseable {
    /** {@return the terms of the last release} */
    ReleaseTerms terms();

    /**
     * Makes sure that the file may be used now. Call it before each use of what was read from the file and is kept.
     *
     * @throws VaultException if the lease is over and no new release was obtained; the next call asks again
     * @throws IOException if this is closed, or the platform gives no evidence
     */
    void check() throws IOException;

    /**
     * Opens the file.
     *
     * @param sealed the sealed file in binary form, closed with the returned stream, or if this fails
     * @return the plaintext, to be closed; it can be read until this is closed
     * @throws VaultException as {@link #check} does
     * @throws IOException if the bytes are not of the file whose key this is, or this is closed
     */
    VaultStream open(InputStream sealed) throws IOException;

    /** Wipes the key. */
    @Override
    void close();
}
