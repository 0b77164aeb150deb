package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.channel.internal.hpke.X25519;
import org.innerkeep.channel.internal.hpke.XWing;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The public key that files are sealed to, of either {@link KeyKind}. Printed as {@code age1pq1…} (hybrid) or {@code age1…}
 * (classic), as the age specification has it. Immutable and safe for use by several threads.
 *
 * <p>A recipient is public, yet it must come over an authenticated way: who can replace it reads what is sealed.
 *
 * @param publicKey hybrid: 1216 bytes, the public key of ML-KEM-768 (FIPS 203) and that of X25519; classic: 32 bytes, the public
 *     key of X25519 (RFC 7748). A point of low order is refused, for it shares no secret
 */
public record Recipient(Bytes publicKey) {
    /**
     * Checks a public key.
     *
     * @throws IllegalArgumentException if it does not have 32 or 1216 bytes, has a point of low order, or has a part of ML-KEM-768
     *     that FIPS 203, section 7.2, refuses
     */
    public Recipient {
        KeyKind kind = KeyKind.ofPublicKey(publicKey.length()).orElseThrow(() -> new IllegalArgumentException(
            "a public key has " + KeyKind.CLASSIC.publicKeyLength() + " bytes (X25519) or " + KeyKind.HYBRID.publicKeyLength()
                + " (hybrid), not " + publicKey.length()));
        switch (kind) {
            case HYBRID -> {
                try {
                    XWing.check(publicKey.toArray());
                } catch (InvalidKeyException e) {
                    throw new IllegalArgumentException(e.getMessage(), e);
                }
            }
            case CLASSIC -> {
                if (X25519.lowOrder(publicKey.toArray())) {
                    throw new IllegalArgumentException(
                        "the X25519 public key is a point of low order: no secret can be shared with it");
                }
            }
        }
    }

    /**
     * Reads the text form.
     *
     * @param text {@code age1pq1} and 1952 more characters, or {@code age1} and 58 more; lower case, without surrounding space
     * @return the recipient
     * @throws SealedFileException with code RECIPIENT_MALFORMED if the text is anything else, or UNSUPPORTED if it looks like a
     *     recipient of another kind
     */
    public static Recipient parse(String text) throws SealedFileException {
        // Characters outside ASCII become '?', which no text form holds.
        byte[] ascii = text.getBytes(US_ASCII);
        KeyKind kind = KeyKind.ofRecipient(ascii);
        try {
            byte[] publicKey = Bech32.decode(kind.recipientPrefix(), ascii);
            if (publicKey.length != kind.publicKeyLength()) {
                throw new MalformedException("value", -1,
                    "it has " + publicKey.length + " bytes and not " + kind.publicKeyLength());
            }
            return new Recipient(Bytes.of(publicKey));
        } catch (MalformedException | IllegalArgumentException e) {
            if (text.startsWith("age1tag") || text.startsWith("ssh-")) {
                throw new SealedFileException(Code.UNSUPPORTED, "the recipient is of another kind (tagged, plugin or SSH): only "
                    + "hybrid ones, age1pq1…, and X25519, age1 and 58 more characters, are implemented");
            }
            throw new SealedFileException(Code.RECIPIENT_MALFORMED, kind == KeyKind.HYBRID
                ? "this is not a hybrid recipient (age1pq1…): " + e.getMessage()
                : "this is not a recipient (age1pq1… or age1…): " + e.getMessage());
        }
    }

    /** {@return the kind of the key} */
    public KeyKind kind() {
        return KeyKind.ofPublicKey(publicKey.length()).orElseThrow();
    }

    /** Wraps a file key for this recipient. */
    Stanza wrap(FileKey fileKey, SecureRandom random) {
        byte[] plain = fileKey.exposeSecretBytes();
        try {
            return switch (kind()) {
                case HYBRID -> HybridKeys.wrap(publicKey.toArray(), plain, random);
                case CLASSIC -> ClassicKeys.wrap(publicKey.toArray(), plain, random);
            };
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("a recipient exists that was refused when it was made", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** {@return the text form: {@code age1pq1…}, 1959 characters, or {@code age1…}, 62 characters} */
    @Override
    public String toString() {
        return new String(Bech32.encode(kind().recipientPrefix(), publicKey.toArray()), US_ASCII);
    }
}
