package org.innerkeep.channel.internal.hpke;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/** ChaCha20-Poly1305 (RFC 8439, section 2.8) without associated data, under one key. For one thread. */
public final class ChaCha20Poly1305 implements AutoCloseable {
    /** The length of a key in bytes. */
    public static final int KEY = 32;

    /** The length of a nonce in bytes. */
    public static final int NONCE = 12;

    /** By how many bytes what is encrypted is longer than the plaintext. */
    public static final int TAG = 16;

    private static final String NAME = "ChaCha20-Poly1305";

    private final byte[] key;
    private final Cipher cipher;
    private boolean closed;

    /**
     * Takes the key over and wipes it when closed.
     *
     * @param ownedKey 32 bytes
     */
    public ChaCha20Poly1305(byte[] ownedKey) {
        this(ownedKey, Optional.empty());
    }

    private ChaCha20Poly1305(byte[] ownedKey, Optional<Provider> provider) {
        this.key = ownedKey;
        try {
            this.cipher = provider.isPresent() ? Cipher.getInstance(NAME, provider.get()) : Cipher.getInstance(NAME);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(provider.map(Provider::getName).orElse("this JDK") + " has no " + NAME, e);
        }
    }

    /**
     * Makes another cipher under the same key, for another thread; closed on its own.
     *
     * @param provider of the other; the JDK's if there is none
     * @return the other
     */
    public ChaCha20Poly1305 twin(Optional<Provider> provider) {
        if (closed) {
            throw new IllegalStateException("the cipher is closed and its key is wiped");
        }
        return new ChaCha20Poly1305(key.clone(), provider);
    }

    /**
     * Encrypts and appends the tag.
     *
     * @param nonce 12 bytes, never used twice with this key
     * @param in holds the plaintext
     * @param offset where it begins
     * @param length how many bytes it has
     * @param out has room for them and the tag; may be the same array
     * @return the number of bytes written
     */
    public int seal(byte[] nonce, byte[] in, int offset, int length, byte[] out) {
        try {
            init(Cipher.ENCRYPT_MODE, nonce);
            return cipher.doFinal(in, offset, length, out, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 does not work", e);
        }
    }

    /**
     * Verifies and decrypts.
     *
     * @param nonce 12 bytes
     * @param in the ciphertext with its tag
     * @param length how many of its bytes count
     * @param out has room for them without the tag
     * @return the number of bytes written, or -1 if they are not authentic and nothing in {@code out} counts
     */
    public int open(byte[] nonce, byte[] in, int length, byte[] out) {
        try {
            init(Cipher.DECRYPT_MODE, nonce);
            return cipher.doFinal(in, 0, length, out, 0);
        } catch (AEADBadTagException e) {
            return -1;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 does not work", e);
        }
    }

    private void init(int mode, byte[] nonce) throws GeneralSecurityException {
        if (closed) {
            throw new IllegalStateException("the cipher is closed and its key is wiped");
        }
        cipher.init(mode, new RawKey("ChaCha20", key), new IvParameterSpec(nonce));
    }

    /** Wipes the key. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Arrays.fill(key, (byte) 0);
        try {
            // A cipher keeps its key and state; the only way to have them overwritten is another key.
            cipher.init(Cipher.DECRYPT_MODE, new RawKey("ChaCha20", key), new IvParameterSpec(new byte[NONCE]));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20-Poly1305 does not work", e);
        }
    }
}
