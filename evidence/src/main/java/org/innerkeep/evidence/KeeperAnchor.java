package org.innerkeep.evidence;

import java.security.PublicKey;
import java.util.Base64;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * The pinned key of one keeper. Pin it only after getting it in a way that an attacker does not control: whoever holds the
 * private key can vouch for anything.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param publicKey the SubjectPublicKeyInfo of a P-256 key, DER, 91 bytes
 */
public record KeeperAnchor(Bytes publicKey) implements Anchor {
    private static final String TEXT_PREFIX = "keeper-key:";
    private static final String PEM_BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String PEM_END = "-----END PUBLIC KEY-----";
    private static final int MAX_TEXT = 1024;

    /**
     * Checks the key.
     *
     * @throws IllegalArgumentException if it is not a P-256 key, or its point is not on the curve
     */
    public KeeperAnchor {
        toKey(publicKey);
    }

    /**
     * Pins a key.
     *
     * @param key a public key on P-256
     * @return the anchor
     * @throws IllegalArgumentException if it is another kind of key
     */
    public static KeeperAnchor of(PublicKey key) {
        return new KeeperAnchor(P256PublicKey.of(key).spki());
    }

    /**
     * Reads the form that {@link #toString} writes, {@code keeper-key:} and the SubjectPublicKeyInfo in base64url without
     * padding (RFC 4648 section 5).
     *
     * @param text one line, without white space
     * @return the anchor
     * @throws IllegalArgumentException if the text has another form or the key is not accepted
     */
    public static KeeperAnchor parse(String text) {
        if (!text.startsWith(TEXT_PREFIX) || text.length() > MAX_TEXT) {
            throw new IllegalArgumentException("keeper key: expected " + TEXT_PREFIX
                    + " and a public key in base64url, as 'keeper-key:MFkw…'; copy the whole line that the keeper shows");
        }
        byte[] spki;
        try {
            spki = Base64.getUrlDecoder().decode(text.substring(TEXT_PREFIX.length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("keeper key: expected base64url after " + TEXT_PREFIX, e);
        }
        KeeperAnchor anchor = new KeeperAnchor(Bytes.of(spki));
        // The decoder also takes padding and stray last bits; one key must have one text.
        if (!anchor.toString().equals(text)) {
            throw new IllegalArgumentException("keeper key: expected canonical base64url without padding");
        }
        return anchor;
    }

    /**
     * Reads a public key in PEM form (RFC 7468 section 13), as OpenSSL writes it: only the lines from BEGIN to END, and
     * nothing before or after but line ends.
     *
     * @param pem the text of the file
     * @return the anchor
     * @throws IllegalArgumentException if the text has another form or the key is not accepted
     */
    public static KeeperAnchor fromPem(String pem) {
        String text = pem.strip();
        if (text.length() > MAX_TEXT || !text.startsWith(PEM_BEGIN) || !text.endsWith(PEM_END)
                || text.length() < PEM_BEGIN.length() + PEM_END.length()) {
            throw new IllegalArgumentException(
                    "keeper key: expected PEM that begins with " + PEM_BEGIN + " and ends with " + PEM_END);
        }
        String body = text.substring(PEM_BEGIN.length(), text.length() - PEM_END.length());
        try {
            return new KeeperAnchor(Bytes.of(Base64.getDecoder().decode(body.replaceAll("\\r?\\n", ""))));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("keeper key: expected a P-256 public key in PEM: " + e.getMessage(), e);
        }
    }

    @Override
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
            throw new IllegalArgumentException("keeper key: " + e.getMessage(), e);
        }
    }

    /** {@return {@code keeper-key:} and the key in base64url} */
    @Override
    public String toString() {
        return TEXT_PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(publicKey.toArray());
    }
}
