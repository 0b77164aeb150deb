package org.innerkeep.channel.internal.hpke;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * Hybrid public key encryption (RFC 9180), base mode, one message for each encapsulation (section 6.1), no associated data.
 * The suite: X-Wing (0x647a), HKDF-SHA256 (0x0001), ChaCha20-Poly1305 (0x0003).
 *
 * <p>Guarantee: whoever has no private key learns the length of the message and nothing else of it, and cannot change it
 * unnoticed (IND-CCA2). Who encrypted is not proven. All methods are safe for use by several threads.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9180">RFC 9180, Hybrid Public Key Encryption</a>
 */
public final class Hpke {
    /** By how many bytes what is encrypted is longer than the message. */
    public static final int TAG = ChaCha20Poly1305.TAG;

    private static final byte[] VERSION = "HPKE-v1".getBytes(US_ASCII);
    /** The text HPKE and the identifiers of the three algorithms, two bytes each. */
    private static final byte[] SUITE = HexFormat.of().parseHex("48504b45" + "647a" + "0001" + "0003");

    private static final byte BASE_MODE = 0;
    private static final byte[] NONE = {};

    private Hpke() {}

    /**
     * Encrypts a message.
     *
     * @param publicKey of X-Wing, 1216 bytes
     * @param info says what for, and is to be the same when it is opened
     * @param message any number of bytes
     * @param random gives 64 bytes
     * @return the encapsulation and the encrypted message
     * @throws InvalidKeyException if the public key is not one
     */
    public static Sealed seal(byte[] publicKey, byte[] info, byte[] message, SecureRandom random) throws InvalidKeyException {
        XWing.Encapsulated encapsulated = XWing.encapsulate(publicKey, random);
        try (Schedule schedule = new Schedule(encapsulated.secret(), info)) {
            byte[] encrypted = new byte[message.length + TAG];
            schedule.cipher.seal(schedule.nonce, message, 0, message.length, encrypted);
            return new Sealed(encapsulated.ciphertext(), encrypted);
        } finally {
            Arrays.fill(encapsulated.secret(), (byte) 0);
        }
    }

    /**
     * Decrypts a message.
     *
     * @param privateKey whose public key it was encrypted to
     * @param info as it was given when encrypting
     * @param sealed an encapsulation of 1120 bytes and 16 or more bytes of encrypted message
     * @return the message, which the caller wipes, or nothing if it is for another key, for something else, or was changed
     * @throws InvalidKeyException if the encapsulation holds a point of low order, which no honest sender makes
     * @throws IllegalArgumentException if the lengths are others
     */
    public static Optional<byte[]> open(XWing privateKey, byte[] info, Sealed sealed) throws InvalidKeyException {
        if (sealed.encrypted().length < TAG) {
            throw new IllegalArgumentException("an encrypted message has " + TAG + " bytes or more");
        }
        byte[] secret = privateKey.decapsulate(sealed.encapsulation());
        try (Schedule schedule = new Schedule(secret, info)) {
            byte[] message = new byte[sealed.encrypted().length - TAG];
            boolean proven = schedule.cipher.open(schedule.nonce, sealed.encrypted(), sealed.encrypted().length, message) >= 0;
            return proven ? Optional.of(message) : Optional.empty();
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /**
     * What {@link #seal} makes, both public.
     *
     * @param encapsulation 1120 bytes
     * @param encrypted 16 bytes longer than the message
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed on at once, never compared.
    public record Sealed(byte[] encapsulation, byte[] encrypted) {}

    /** Key and nonce of one message (section 5.1). The nonce is that of sequence number 0. */
    private static final class Schedule implements AutoCloseable {
        private final ChaCha20Poly1305 cipher;
        private final byte[] nonce;

        Schedule(byte[] sharedSecret, byte[] info) {
            byte[] context = join(new byte[] {BASE_MODE}, extract(NONE, "psk_id_hash", NONE), extract(NONE, "info_hash", info));
            byte[] secret = extract(sharedSecret, "secret", NONE);
            try {
                this.nonce = expand(secret, "base_nonce", context, ChaCha20Poly1305.NONCE);
                this.cipher = new ChaCha20Poly1305(expand(secret, "key", context, ChaCha20Poly1305.KEY));
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
        }

        @Override
        public void close() {
            cipher.close();
        }
    }

    /** LabeledExtract of section 4. */
    private static byte[] extract(byte[] salt, String label, byte[] input) {
        HKDFParameterSpec.Builder spec = HKDFParameterSpec.ofExtract()
            .addIKM(new RawKey("Generic", join(VERSION, SUITE, label.getBytes(US_ASCII), input)));
        if (salt.length > 0) {
            spec.addSalt(new RawKey("Generic", salt));
        }
        return derive(spec.extractOnly());
    }

    /** LabeledExpand of section 4. */
    private static byte[] expand(byte[] secret, String label, byte[] info, int length) {
        byte[] labelled = join(new byte[] {0, (byte) length}, VERSION, SUITE, label.getBytes(US_ASCII), info);
        return derive(HKDFParameterSpec.expandOnly(new RawKey("Generic", secret), labelled, length));
    }

    private static byte[] derive(HKDFParameterSpec spec) {
        try {
            return KDF.getInstance("HKDF-SHA256").deriveData(spec);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no HKDF-SHA256", e);
        }
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
