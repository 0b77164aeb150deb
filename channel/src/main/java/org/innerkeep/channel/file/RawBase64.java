package org.innerkeep.channel.file;

import java.util.Base64;
import java.util.Optional;

/** Base64 (RFC 4648, section 4) without padding and in its canonical form only, as age headers use it. */
final class RawBase64 {
    private RawBase64() {}

    static String encode(byte[] bytes) {
        return Base64.getEncoder().withoutPadding().encodeToString(bytes);
    }

    /** {@return the bytes, or nothing if the text is not exactly what {@link #encode} gives for them} */
    static Optional<byte[]> decode(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        // The JDK's decoder accepts padding and unused bits that are set. A header that can be written in two ways could be
        // changed without its reader seeing it, so that only one is read.
        return encode(bytes).equals(text) ? Optional.of(bytes) : Optional.empty();
    }
}
