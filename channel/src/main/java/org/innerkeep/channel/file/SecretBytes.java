package org.innerkeep.channel.file;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Owns the only lasting copy of a secret and wipes it when closed. Safe for use by several threads: a copy is never taken from a
 * half-wiped array.
 *
 * <p>On the heap, because every JDK primitive wants arrays: the collector may have moved the array before it was wiped. Wiping
 * shortens the time a secret can be found; it is not the barrier that keeps memory private.
 */
final class SecretBytes implements AutoCloseable {
    private final byte[] bytes;
    private boolean closed;

    /** Takes the array over: nobody else may keep it. */
    SecretBytes(byte[] owned) {
        this.bytes = owned;
    }

    /** {@return a copy, which the caller wipes} */
    synchronized byte[] copy() {
        if (closed) {
            throw new IllegalStateException("the secret is closed and its bytes are wiped");
        }
        return bytes.clone();
    }

    boolean matches(SecretBytes other) {
        byte[] mine = copy();
        byte[] theirs = new byte[0];
        try {
            theirs = other.copy();
            return MessageDigest.isEqual(mine, theirs);
        } finally {
            Arrays.fill(mine, (byte) 0);
            Arrays.fill(theirs, (byte) 0);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(bytes, (byte) 0);
    }
}
