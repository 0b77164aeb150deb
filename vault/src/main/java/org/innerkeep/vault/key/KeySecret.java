package org.innerkeep.vault.key;

import java.util.Arrays;

/**
 * Secret bytes of a key, wiped when closed, after which every use throws {@link IllegalStateException}. Equal to nothing but itself. Safe
 * for use by several threads.
 */
public final class KeySecret implements AutoCloseable {
    private final byte[] bytes;
    private boolean closed;

    private KeySecret(byte[] owned) {
        this.bytes = owned;
    }

    /**
     * Takes an array over: nobody else may keep it.
     *
     * @param owned 1 to {@link KeyVersion#MAX_SECRET_BYTES} bytes
     * @return the secret, to be closed
     * @throws IllegalArgumentException if there are more or none
     */
    public static KeySecret owning(byte[] owned) {
        if (owned.length == 0 || owned.length > KeyVersion.MAX_SECRET_BYTES) {
            throw new IllegalArgumentException("secret: expected 1 to " + KeyVersion.MAX_SECRET_BYTES + " bytes, found " + owned.length);
        }
        return new KeySecret(owned);
    }

    /**
     * Hands the bytes out. Search the code for this name to find every such place.
     *
     * @return a copy that the caller wipes
     */
    public synchronized byte[] expose() {
        if (closed) {
            throw new IllegalStateException("the secret is closed and its bytes are wiped");
        }
        return bytes.clone();
    }

    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    /** {@return nothing of the secret} */
    @Override
    public String toString() {
        return "KeySecret[secret]";
    }
}
