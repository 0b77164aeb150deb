package org.innerkeep.evidence.token;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Hostile text, for people; and bytes that may be text. */
final class Text {
    private static final int MAX_SHOWN = 96;

    private Text() {}

    /** The text in quotes, shortened, of printable ASCII only. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder("'");
        text.chars().limit(MAX_SHOWN).forEach(c -> shown.append(c >= ' ' && c <= '~' && c != '\'' ? (char) c : '?'));
        return shown.append(text.length() > MAX_SHOWN ? "…'" : "'").toString();
    }

    /** The bytes as text, where they are UTF-8. */
    static Optional<String> utf8(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
