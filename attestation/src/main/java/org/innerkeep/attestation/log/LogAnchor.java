package org.innerkeep.attestation.log;

import java.security.PublicKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.innerkeep.evidence.cose.PinnedKeyText;

/**
 * The pinned key of one log. Get it in a way that the operator of the log cannot change later: whoever verifies against a key that the
 * operator may exchange verifies nothing.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param publicKey the SubjectPublicKeyInfo of a P-256 key, DER, 91 bytes
 */
public record LogAnchor(Bytes publicKey) {
    private static final PinnedKeyText TEXT = new PinnedKeyText("log", "service");

    /**
     * Checks the key.
     *
     * @throws IllegalArgumentException if it is not a P-256 key, or its point is not on the curve
     */
    public LogAnchor {
        TEXT.key(publicKey);
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
        return new LogAnchor(TEXT.parse(text).spki());
    }

    /** {@return the log's id, SHA-256 of the SubjectPublicKeyInfo, 32 bytes} */
    public Bytes id() {
        return Bytes.sha256(publicKey.toArray());
    }

    /** {@return the key, able to verify} */
    public P256PublicKey key() {
        return TEXT.key(publicKey);
    }

    /** {@return {@code log-key:} and the key in base64url} */
    @Override
    public String toString() {
        return TEXT.write(publicKey);
    }
}
