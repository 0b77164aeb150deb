package org.innerkeep.evidence.cose;

import java.util.Base64;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * How people pass on a P-256 key that others pin, in one line: a word that says whose key it is, such as {@code keeper-key:}, and the
 * SubjectPublicKeyInfo in base64url without padding (RFC 4648 section 5). One key has one text, and a key of one kind is not taken for
 * one of another. Immutable, safe for use by several threads.
 *
 * @param whose a word in lower case, such as {@code keeper}
 * @param shownBy who shows the line, for messages
 */
public record PinnedKeyText(String whose, String shownBy) {
    private static final int MAX_CHARACTERS = 256;

    /**
     * Reads what {@link #write} writes.
     *
     * @param text one line, without white space
     * @return the key
     * @throws IllegalArgumentException if the text has another form, or the key is not accepted
     */
    public P256PublicKey parse(String text) {
        if (!text.startsWith(prefix()) || text.length() > MAX_CHARACTERS) {
            throw wrong("expected " + prefix() + " and a public key in base64url, as '" + prefix()
                    + "MFkw…'; copy the whole line that the " + shownBy + " shows");
        }
        byte[] spki;
        try {
            spki = Base64.getUrlDecoder().decode(text.substring(prefix().length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(whose + " key: expected base64url after " + prefix(), e);
        }
        P256PublicKey key = key(Bytes.of(spki));
        // The decoder also takes padding and stray last bits.
        if (!write(key.spki()).equals(text)) {
            throw wrong("expected canonical base64url without padding");
        }
        return key;
    }

    /**
     * Checks a key.
     *
     * @param spki the SubjectPublicKeyInfo, DER, 91 bytes
     * @return the key, able to verify
     * @throws IllegalArgumentException if it is not a P-256 key, or its point is not on the curve
     */
    public P256PublicKey key(Bytes spki) {
        try {
            return P256PublicKey.parse(spki.toArray());
        } catch (MalformedException e) {
            throw new IllegalArgumentException(whose + " key: " + e.getMessage(), e);
        }
    }

    /**
     * Writes a key.
     *
     * @param spki the SubjectPublicKeyInfo
     * @return the line
     */
    public String write(Bytes spki) {
        return prefix() + Base64.getUrlEncoder().withoutPadding().encodeToString(spki.toArray());
    }

    private String prefix() {
        return whose + "-key:";
    }

    private IllegalArgumentException wrong(String problem) {
        return new IllegalArgumentException(whose + " key: " + problem);
    }
}
