package org.innerkeep.channel.file;

import java.security.SecureRandom;

/**
 * The secret of one sealed file: 16 bytes from which the key of its payload and the key of its header's MAC are derived (age
 * specification, section "File key"). Whoever holds it can read this file and no other; an owner who gives it away gives away
 * one file, not an identity.
 *
 * <p>Wiped when closed, after which every use throws {@link IllegalStateException}. Not equal to anything but itself; compare
 * with {@link #matches}. Safe for use by several threads.
 */
public final class FileKey implements AutoCloseable {
    /** The length of a file key in bytes. */
    public static final int LENGTH = 16;

    private final SecretBytes secret;

    private FileKey(byte[] owned) {
        this.secret = new SecretBytes(owned);
    }

    /**
     * Takes over a key that was received, for example over an attested session.
     *
     * @param secretBytes 16 bytes, copied; the caller wipes its array
     * @return the key
     * @throws IllegalArgumentException if there are not 16 bytes
     */
    public static FileKey fromSecretBytes(byte[] secretBytes) {
        if (secretBytes.length != LENGTH) {
            throw new IllegalArgumentException("a file key has " + LENGTH + " bytes, not " + secretBytes.length);
        }
        return new FileKey(secretBytes.clone());
    }

    static FileKey generate(SecureRandom random) {
        byte[] bytes = new byte[LENGTH];
        random.nextBytes(bytes);
        return new FileKey(bytes);
    }

    /**
     * Hands out the secret, to be sent where it may be known. Search the code for this name to find every such place.
     *
     * @return 16 bytes, a copy that the caller wipes after use
     */
    public byte[] exposeSecretBytes() {
        return secret.copy();
    }

    /**
     * Compares in constant time.
     *
     * @param other another key
     * @return whether both are the same key
     */
    public boolean matches(FileKey other) {
        return secret.matches(other.secret);
    }

    /** Wipes the secret. */
    @Override
    public void close() {
        secret.close();
    }

    @Override
    public String toString() {
        return "FileKey[secret]";
    }
}
