package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The public key that files are sealed to: an X25519 public key (RFC 7748), printed as {@code age1…} (age specification, section
 * "The X25519 recipient type"). Immutable and safe for use by several threads.
 *
 * <p>A recipient is public, yet it must come over an authenticated way: who can replace it reads what is sealed.
 *
 * @param publicKey 32 bytes, little-endian u-coordinate; a point of low order is refused, for a file sealed to it could be opened
 *     by everyone
 */
public record Recipient(Bytes publicKey) {
    static final String WRAP_INFO = "age-encryption.org/v1/X25519";
    /** The wrapping key is used once, so that a fixed nonce never repeats under it. */
    static final byte[] WRAP_NONCE = new byte[ChaCha20Poly1305.NONCE];

    private static final String PREFIX = "age";

    /**
     * Checks a public key.
     *
     * @throws IllegalArgumentException if it does not have 32 bytes or has low order
     */
    public Recipient {
        if (publicKey.length() != X25519.LENGTH) {
            throw new IllegalArgumentException("an X25519 public key has " + X25519.LENGTH + " bytes, not " + publicKey.length());
        }
        if (X25519.lowOrder(publicKey.toArray())) {
            throw new IllegalArgumentException("the X25519 public key is a point of low order: no secret can be shared with it");
        }
    }

    /**
     * Reads the text form.
     *
     * @param text {@code age1} and 58 more characters, lower case, without surrounding space
     * @return the recipient
     * @throws SealedFileException with code RECIPIENT_MALFORMED if the text is anything else, or UNSUPPORTED if it looks like a
     *     recipient of another kind
     */
    public static Recipient parse(String text) throws SealedFileException {
        try {
            // Characters outside ASCII become '?', which no text form holds.
            return new Recipient(Bytes.of(Bech32.decode(PREFIX, text.getBytes(US_ASCII))));
        } catch (MalformedException | IllegalArgumentException e) {
            if (text.startsWith("age1pq1") || text.startsWith("age1tag") || text.startsWith("ssh-")) {
                throw new SealedFileException(Code.UNSUPPORTED,
                    "the recipient is of another kind (post-quantum, tagged, plugin or SSH): only X25519, age1 and 58 more characters, is implemented");
            }
            throw new SealedFileException(Code.RECIPIENT_MALFORMED, "this is not an X25519 recipient (age1…): " + e.getMessage());
        }
    }

    /** Wraps a file key for this recipient; age specification, section "X25519 recipient stanza". */
    Stanza wrap(FileKey fileKey, SecureRandom random) {
        byte[] ephemeral = new byte[X25519.LENGTH];
        byte[] shared = {};
        byte[] plain = {};
        try {
            random.nextBytes(ephemeral);
            byte[] share = X25519.publicKey(ephemeral);
            shared = X25519.agree(ephemeral, publicKey.toArray());
            plain = fileKey.exposeSecretBytes();
            byte[] wrapped = new byte[Stanza.WRAPPED_KEY];
            try (var cipher = new ChaCha20Poly1305(Kdf.hkdf(shared, salt(share), WRAP_INFO))) {
                cipher.seal(WRAP_NONCE, plain, plain.length, wrapped);
            }
            return Stanza.x25519(share, wrapped);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("a recipient of low order exists", e);
        } finally {
            Arrays.fill(ephemeral, (byte) 0);
            Arrays.fill(shared, (byte) 0);
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** Binds the wrapping key to both public keys. */
    byte[] salt(byte[] share) {
        byte[] salt = Arrays.copyOf(share, 2 * X25519.LENGTH);
        System.arraycopy(publicKey.toArray(), 0, salt, X25519.LENGTH, X25519.LENGTH);
        return salt;
    }

    /** {@return the text form, {@code age1…}, 62 characters} */
    @Override
    public String toString() {
        return new String(Bech32.encode(PREFIX, publicKey.toArray()), US_ASCII);
    }
}
