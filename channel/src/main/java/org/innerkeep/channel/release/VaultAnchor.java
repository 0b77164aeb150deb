package org.innerkeep.channel.release;

import java.util.Base64;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * The pinned key of one vault, which signs what it releases. An enclave has it from its measured configuration: from anyone else it would
 * take keys that its owner never gave.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param publicKey the SubjectPublicKeyInfo of a P-256 key, DER, 91 bytes
 */
public record VaultAnchor(Bytes publicKey) {
    private static final String TEXT_PREFIX = "vault-key:";
    private static final int MAX_TEXT = 256;

    /**
     * Checks the key.
     *
     * @throws IllegalArgumentException if it is not a P-256 key, or its point is not on the curve
     */
    public VaultAnchor {
        toKey(publicKey);
    }

    /**
     * Reads the form that {@link #toString} writes, {@code vault-key:} and the SubjectPublicKeyInfo in base64url without padding
     * (RFC 4648 section 5).
     *
     * @param text one line, without white space
     * @return the anchor
     * @throws IllegalArgumentException if the text has another form or the key is not accepted
     */
    public static VaultAnchor parse(String text) {
        if (!text.startsWith(TEXT_PREFIX) || text.length() > MAX_TEXT) {
            throw new IllegalArgumentException("vault key: expected " + TEXT_PREFIX
                    + " and a public key in base64url, as 'vault-key:MFkw…'; copy the whole line that the vault shows");
        }
        byte[] spki;
        try {
            spki = Base64.getUrlDecoder().decode(text.substring(TEXT_PREFIX.length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("vault key: expected base64url after " + TEXT_PREFIX, e);
        }
        VaultAnchor anchor = new VaultAnchor(Bytes.of(spki));
        // The decoder also takes padding and stray last bits; one key must have one text.
        if (!anchor.toString().equals(text)) {
            throw new IllegalArgumentException("vault key: expected canonical base64url without padding");
        }
        return anchor;
    }

    /** {@return the vault's id, SHA-256 of the SubjectPublicKeyInfo, 32 bytes} */
    public Bytes id() {
        return Bytes.sha256(publicKey.toArray());
    }

    /** {@return the key, able to verify} */
    public P256PublicKey key() {
        return toKey(publicKey);
    }

    private static P256PublicKey toKey(Bytes spki) {
        try {
            return P256PublicKey.parse(spki.toArray());
        } catch (MalformedException e) {
            throw new IllegalArgumentException("vault key: " + e.getMessage(), e);
        }
    }

    /** {@return {@code vault-key:} and the key in base64url} */
    @Override
    public String toString() {
        return TEXT_PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(publicKey.toArray());
    }
}
