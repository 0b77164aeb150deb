package org.innerkeep.attestation.json;

import java.util.Base64;
import org.innerkeep.evidence.MalformedException;

/** Base64 (RFC 4648) as it comes from outside: strict where a signature covers the text, of every alphabet where clients differ. */
public final class Base64Text {
    private Base64Text() {}

    /**
     * Decodes base64url without padding, as JWS has it: only the one text that encodes the bytes is taken.
     *
     * @param what what it is, for messages
     * @param text the text
     * @return the bytes
     * @throws MalformedException if it is anything else
     */
    public static byte[] url(String what, String text) throws MalformedException {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            if (url(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // Falls through.
        }
        throw new MalformedException(what, -1, "expected base64url without padding");
    }

    /**
     * Decodes base64 or base64url, with padding or without: clients of the interface send all four.
     *
     * @param what what it is, for messages
     * @param text the text
     * @return the bytes
     * @throws MalformedException if it is none of them, or mixes the two alphabets
     */
    public static byte[] any(String what, String text) throws MalformedException {
        boolean standard = text.indexOf('+') >= 0 || text.indexOf('/') >= 0;
        try {
            return (standard ? Base64.getDecoder() : Base64.getUrlDecoder()).decode(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedException(what, -1, "expected base64 or base64url");
        }
    }

    /**
     * Encodes.
     *
     * @param bytes the bytes
     * @return base64url without padding
     */
    public static String url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
