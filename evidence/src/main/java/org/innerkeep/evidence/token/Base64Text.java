package org.innerkeep.evidence.token;

import java.util.Base64;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** Base64 of which the same bytes have one text only: no white space, no stray last bits, padding as the form has it. */
final class Base64Text {
    private Base64Text() {}

    /** Reads base64url without padding (RFC 7515 section 2). */
    static Bytes url(String field, String text) throws MalformedException {
        return decode(field, text, Base64.getUrlDecoder(), Base64.getUrlEncoder().withoutPadding(), "base64url without padding");
    }

    /** Reads base64 with padding (RFC 4648 section 4), as certificates stand in JSON. */
    static Bytes padded(String field, String text) throws MalformedException {
        return decode(field, text, Base64.getDecoder(), Base64.getEncoder(), "base64 with padding");
    }

    /** Writes base64url without padding. */
    static String url(Bytes bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toArray());
    }

    private static Bytes decode(String field, String text, Base64.Decoder decoder, Base64.Encoder encoder, String form)
            throws MalformedException {
        try {
            byte[] bytes = decoder.decode(text);
            if (encoder.encodeToString(bytes).equals(text)) {
                return Bytes.of(bytes);
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the refusal.
        }
        throw new MalformedException(field, -1, "expected canonical " + form);
    }
}
