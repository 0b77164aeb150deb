package org.innerkeep.vault.key;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;

/**
 * The name of a key: 1 to 127 letters, digits and hyphens, as Azure Key Vault has them. Two names that differ in case only are one name,
 * and are written in lower case here.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param text the name, lower case
 */
public record KeyName(String text) {
    /** The most characters. */
    public static final int MAX_CHARS = 127;

    private static final Pattern FORM = Pattern.compile("[0-9a-z-]{1,127}");

    /** What the store takes as the name of a document. */
    private static final int MAX_PLACE = 100;

    private static final int LEGIBLE = 60;
    private static final int TELLING = 32;

    /**
     * Checks the form and puts it in lower case.
     *
     * @throws IllegalArgumentException if it has another form
     */
    public KeyName {
        text = text.toLowerCase(Locale.ROOT);
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("key name: expected 1 to " + MAX_CHARS + " letters, digits and hyphens");
        }
    }

    /** {@return the name in the store and in the log: of a long name its beginning, a dot, which is in no name, and a digest} */
    public String place() {
        return text.length() <= MAX_PLACE
                ? text
                : text.substring(0, LEGIBLE) + "." + Bytes.sha256(text.getBytes(StandardCharsets.US_ASCII)).hex().substring(0, TELLING);
    }

    @Override
    public String toString() {
        return text;
    }
}
