package org.innerkeep.channel.file;

import java.security.Provider;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.channel.internal.hpke.ChaCha20Poly1305;

/**
 * Encryption of the payload's chunks (age specification, section "Payload"): each under a nonce that says where it stands and
 * whether it is the last. For one thread.
 */
final class PayloadCipher implements AutoCloseable {
    /** Plaintext of every chunk but the last, in bytes. */
    static final int CHUNK = 64 * 1024;

    static final int SEALED_CHUNK = CHUNK + ChaCha20Poly1305.TAG;
    /** The nonce in front of the payload, in bytes. */
    static final int FILE_NONCE = 16;

    private static final String KEY_INFO = "payload";

    private final ChaCha20Poly1305 cipher;
    private final byte[] nonce = new byte[ChaCha20Poly1305.NONCE];

    PayloadCipher(ChaCha20Poly1305 owned) {
        this.cipher = owned;
    }

    PayloadCipher(FileKey fileKey, byte[] fileNonce) {
        byte[] secret = fileKey.exposeSecretBytes();
        try {
            this.cipher = new ChaCha20Poly1305(Kdf.hkdf(secret, fileNonce, KEY_INFO));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** {@return another for the same payload and another thread; closed on its own} */
    PayloadCipher twin(Optional<Provider> provider) {
        return new PayloadCipher(cipher.twin(provider));
    }

    /** Encrypts into a buffer that has room for the tag, and may be where the plaintext is. {@return the bytes of the sealed chunk} */
    int seal(long index, boolean last, byte[] plain, int offset, int length, byte[] sealed) {
        return cipher.seal(nonce(index, last), plain, offset, length, sealed);
    }

    /** {@return the bytes of plaintext, or -1 if this is not that chunk} */
    int open(long index, boolean last, byte[] sealed, int length, byte[] plain) {
        return cipher.open(nonce(index, last), sealed, length, plain);
    }

    /** An 11-byte big-endian counter, of which 8 bytes are never used up, and the mark of the last chunk. */
    private byte[] nonce(long index, boolean last) {
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[10 - i] = (byte) (index >>> (8 * i));
        }
        nonce[11] = (byte) (last ? 1 : 0);
        return nonce;
    }

    @Override
    public void close() {
        cipher.close();
    }
}
