package org.innerkeep.cli.text;

/** Text from outside, made safe to print. */
public final class Shown {
    private static final int MOST = 4096;

    private Shown() {}

    /**
     * Escapes what could drive a terminal or look like another line, as JSON would.
     *
     * @param outside hostile text
     * @return the same on one line, cut off where it is very long
     */
    public static String line(String outside) {
        StringBuilder shown = new StringBuilder();
        outside.codePoints().limit(MOST).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || c == '\u2028' || c == '\u2029') {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.append(outside.codePointCount(0, outside.length()) > MOST ? "…" : "").toString();
    }
}
