package org.innerkeep.attestation.log;

import java.security.PublicKey;
import java.util.Base64;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * The pinned key of one log. Get it in a way that the operator of the log cannot change later: whoever verifies against a key that the
 * operator may exchange verifies nothing.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param publicKey the SubjectPublicKeyInfo of a P-256 key, DER, 91 bytes
 */
public record LogAnchor(Bytes publicKey) {
    private static final String TEXT_PREFIX = "log-key:";
    private static final int MAX_TEXT = 256;

    /**
     * Checks the key.
     *
     * @throws IllegalArgumentException if it is not a P-256 key, or its point is not on the curve
     */
    public LogAnchor {
        toKey(publicKey);
    }

    /**
     * Pins a key.
     *
     * @param key a public key on P-256
     * @return the anchor
     * @throws IllegalArgumentException if it is another kind of key
     */
    public static LogAnchor of(PublicKey key) {
        return new LogAnchor(P256PublicKey.of(key).spki());
    }

    /**
     * Reads the form that {@link #toString} writes, {@code log-key:} and the SubjectPublicKeyInfo in base64url without padding
     * (RFC 4648 section 5).
     *
     * @param text one line, without white space
     * @return the anchor
     * @throws IllegalArgumentException if the text has another form or the key is not accepted
     */
    public static LogAnchor parse(String text) {
        if (!text.startsWith(TEXT_PREFIX) || text.length() > MAX_TEXT) {
            throw new IllegalArgumentException("log key: expected " + TEXT_PREFIX
                    + " and a public key in base64url, as 'log-key:MFkw…'; copy the whole line that the service shows");
        }
        byte[] spki;
        try {
            spki = Base64.getUrlDecoder().decode(text.substring(TEXT_PREFIX.length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("log key: expected base64url after " + TEXT_PREFIX, e);
        }
        LogAnchor anchor = new LogAnchor(Bytes.of(spki));
        // The decoder also takes padding and stray last bits; one key must have one text.
        if (!anchor.toString().equals(text)) {
            throw new IllegalArgumentException("log key: expected canonical base64url without padding");
        }
        return anchor;
    }

    /** {@return the log's id, SHA-256 of the SubjectPublicKeyInfo, 32 bytes} */
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
            throw new IllegalArgumentException("log key: " + e.getMessage(), e);
        }
    }

    /** {@return {@code log-key:} and the key in base64url} */
    @Override
    public String toString() {
        return TEXT_PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(publicKey.toArray());
    }
}
