package org.innerkeep.channel.release;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.internal.hpke.Hpke;
import org.innerkeep.channel.internal.hpke.XWing;
import org.innerkeep.evidence.Bytes;

/**
 * The key of one request, to which one file key is encrypted: HPKE (RFC 9180) in base mode with X-Wing (ML-KEM-768 and X25519 together),
 * HKDF-SHA256 and ChaCha20-Poly1305. What was recorded stays closed to whoever breaks one of the two later, a quantum computer included,
 * and to whoever takes the enclave's memory once this is closed.
 *
 * <p>Made inside the enclave for one request, and wiped when closed. Safe for use by several threads.
 */
public final class TransportKey implements AutoCloseable {
    /** Bytes of the public key. */
    public static final int PUBLIC_KEY_LENGTH = XWing.PUBLIC_KEY;

    /** Bytes of what is encapsulated. */
    public static final int ENCAPSULATION_LENGTH = XWing.CIPHERTEXT;

    /** Bytes of an encrypted file key. */
    public static final int CIPHERTEXT_LENGTH = FileKey.LENGTH + Hpke.TAG;

    private final XWing key;
    private final Bytes publicKey;

    private TransportKey(XWing key) {
        this.key = key;
        this.publicKey = Bytes.of(key.publicKey());
    }

    /**
     * An encrypted file key.
     *
     * @param encapsulation {@link #ENCAPSULATION_LENGTH} bytes
     * @param ciphertext {@link #CIPHERTEXT_LENGTH} bytes
     */
    public record Encrypted(Bytes encapsulation, Bytes ciphertext) {
        /**
         * Checks sizes.
         *
         * @throws IllegalArgumentException if one is wrong
         */
        public Encrypted {
            Forms.checkLength("encapsulation", encapsulation, ENCAPSULATION_LENGTH);
            Forms.checkLength("ciphertext", ciphertext, CIPHERTEXT_LENGTH);
        }
    }

    /**
     * Makes a key.
     *
     * @param random where it comes from
     * @return the key, to be closed
     */
    public static TransportKey generate(SecureRandom random) {
        byte[] seed = new byte[XWing.SEED];
        random.nextBytes(seed);
        try {
            return new TransportKey(new XWing(seed));
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /** {@return the public key} */
    public Bytes publicKey() {
        return publicKey;
    }

    /**
     * Tells whether bytes are a public key that a file key can be encrypted to.
     *
     * @param publicKey hostile bytes
     * @return whether they are
     */
    public static boolean usable(Bytes publicKey) {
        try {
            XWing.check(publicKey.toArray());
            return true;
        } catch (InvalidKeyException e) {
            return false;
        }
    }

    /**
     * Encrypts a file key.
     *
     * @param publicKey that is {@link #usable}
     * @param info what it is encrypted for; the same is needed to decrypt
     * @param fileKey stays the caller's
     * @param random for the encapsulation
     * @return what only the holder of the private key can decrypt
     * @throws IllegalArgumentException if the public key is not usable
     */
    public static Encrypted encrypt(Bytes publicKey, byte[] info, FileKey fileKey, SecureRandom random) {
        byte[] plain = fileKey.exposeSecretBytes();
        try {
            Hpke.Sealed sealed = Hpke.seal(publicKey.toArray(), info, plain, random);
            return new Encrypted(Bytes.of(sealed.encapsulation()), Bytes.of(sealed.encrypted()));
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("transport key: " + e.getMessage(), e);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /**
     * Decrypts a file key.
     *
     * @param info as it was given to {@link #encrypt}
     * @param encrypted hostile
     * @return the file key, to be closed; or nothing if it is for another key, for something else, or was changed
     */
    public Optional<FileKey> decrypt(byte[] info, Encrypted encrypted) {
        byte[] plain = {};
        try {
            Optional<byte[]> opened = Hpke.open(
                    key, info, new Hpke.Sealed(encrypted.encapsulation().toArray(), encrypted.ciphertext().toArray()));
            if (opened.isEmpty()) {
                return Optional.empty();
            }
            plain = opened.get();
            return Optional.of(FileKey.fromSecretBytes(plain));
        } catch (InvalidKeyException e) {
            return Optional.empty();
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** Wipes the private key. */
    @Override
    public void close() {
        key.close();
    }

    /** {@return nothing of the private key} */
    @Override
    public String toString() {
        return "transport key " + Bytes.sha256(publicKey.toArray()).shortHex();
    }
}
