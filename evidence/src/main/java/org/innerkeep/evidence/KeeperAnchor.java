package org.innerkeep.evidence;

import java.security.PublicKey;
import java.util.Base64;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.innerkeep.evidence.cose.PinnedKeyText;

/**
 * The pinned key of one keeper. Pin it only after getting it in a way that an attacker does not control: whoever holds the
 * private key can vouch for anything.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param publicKey the SubjectPublicKeyInfo of a P-256 key, DER, 91 bytes
 */
public record KeeperAnchor(Bytes publicKey) implements Anchor {
    private static final PinnedKeyText TEXT = new PinnedKeyText("keeper", "keeper");
    private static final String PEM_BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String PEM_END = "-----END PUBLIC KEY-----";
    private static final int MAX_TEXT = 1024;

    /**
     * Checks the key.
     *
     * @throws IllegalArgumentException if it is not a P-256 key, or its point is not on the curve
     */
    public KeeperAnchor {
        TEXT.key(publicKey);
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
        return new KeeperAnchor(TEXT.parse(text).spki());
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
        return TEXT.key(publicKey);
    }

    /** {@return {@code keeper-key:} and the key in base64url} */
    @Override
    public String toString() {
        return TEXT.write(publicKey);
    }
}
