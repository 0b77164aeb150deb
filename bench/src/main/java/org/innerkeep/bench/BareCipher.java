package org.innerkeep.bench;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The JDK's ChaCha20-Poly1305 over chunks of the size that sealed files have, and nothing else. For one thread. */
final class BareCipher {
    static final int CHUNK = 64 << 10;
    private static final int TAG = 16;

    private final SecretKeySpec key = new SecretKeySpec(new byte[32], "ChaCha20");
    private final IvParameterSpec same = new IvParameterSpec(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    private final Cipher cipher;
    private final byte[] nonce = new byte[12];
    private final byte[] chunk = new byte[CHUNK + TAG];
    private final byte[] opened = new byte[CHUNK];
    private final byte[] sealedChunk;
    private long count;

    BareCipher() throws GeneralSecurityException {
        this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
        cipher.init(Cipher.ENCRYPT_MODE, key, same);
        this.sealedChunk = cipher.doFinal(new byte[CHUNK]);
    }

    /** Encrypts some bytes. {@return the last chunk} */
    byte[] encrypt(byte[] plain, int from, int to) throws GeneralSecurityException {
        for (int at = from; at < to; at += CHUNK) {
            // The JDK refuses a nonce that it has just used.
            nextNonce();
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce));
            cipher.doFinal(plain, at, CHUNK, chunk, 0);
        }
        return chunk;
    }

    /** Decrypts as many bytes, always the same chunk. {@return it} */
    byte[] decrypt(int bytes) throws GeneralSecurityException {
        for (int at = 0; at < bytes; at += CHUNK) {
            cipher.init(Cipher.DECRYPT_MODE, key, same);
            cipher.doFinal(sealedChunk, 0, CHUNK + TAG, opened, 0);
        }
        return opened;
    }

    private void nextNonce() {
        long next = ++count;
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[11 - i] = (byte) (next >>> (8 * i));
        }
    }
}
