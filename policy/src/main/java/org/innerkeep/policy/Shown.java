package org.innerkeep.policy;

/** Hostile text as people may see it: on one line, short, and unable to pass for anything else. */
public final class Shown {
    private static final int MAX_CHARS = 120;

    private Shown() {}

    /**
     * Text in double quotes, escaped and shortened.
     *
     * @param text hostile text
     * @return the same on one line
     */
    public static String quoted(String text) {
        return '"' + escaped(text, MAX_CHARS, '"') + '"';
    }

    /** A piece of a policy in single quotes, escaped and shortened. */
    static String piece(String text) {
        return '\'' + escaped(text, MAX_CHARS, '\'') + '\'';
    }

    /** A message that may have hostile text in it, escaped and shortened. */
    static String message(String text) {
        return escaped(text, 4 * MAX_CHARS, '\'');
    }

    /** An identifier: letters and digits already, but perhaps many of them. */
    static String name(String identifier) {
        return escaped(identifier, MAX_CHARS, '\'');
    }

    /**
     * A value as policies write it, escaped and shortened.
     *
     * @param value a hostile value
     * @return the same on one line
     */
    public static String value(ClaimValue value) {
        return switch (value) {
            case ClaimValue.Text text -> quoted(text.value());
            case ClaimValue.Int number -> Long.toString(number.value());
            case ClaimValue.Bool bool -> Boolean.toString(bool.value());
        };
    }

    /** A claim in brackets, as a condition that fits it would be written. */
    static String claim(Claim claim) {
        return "[type==" + quoted(claim.type()) + ", value==" + value(claim.value()) + ", issuer==\""
                + claim.issuer().text() + "\"]";
    }

    private static String escaped(String text, int max, char quote) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < text.length() && at < max) {
            int point = text.codePointAt(at);
            at += Character.charCount(point);
            if (point == '\\') {
                out.append("\\\\");
            } else if (point == '\n') {
                out.append("\\n");
            } else if (point == '"' && quote == '"') {
                out.append("\\\"");
            } else if (visible(point)) {
                out.appendCodePoint(point);
            } else {
                out.append(String.format("\\u{%x}", point));
            }
        }
        if (at < text.length()) {
            out.append("… (").append(text.length() - at).append(" more characters)");
        }
        return out.toString();
    }

    /** What changes the place or the direction of what follows, or takes no place at all, is not shown as it is. */
    private static boolean visible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK -> false;
            // One that is no ordinary space looks like one.
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> true;
        };
    }
}
