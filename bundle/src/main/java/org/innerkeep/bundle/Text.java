package org.innerkeep.bundle;

/** The characters that names in a manifest may have, and how foreign text is shown in messages. */
final class Text {
    private static final int MAX_SHOWN = 80;

    private Text() {}

    /** {@return the text in quotes, cut where it is long, with anything but printable ASCII escaped} */
    static String quote(String text) {
        return '"' + escape(text, MAX_SHOWN).replace("\"", "\\\"") + '"';
    }

    /** {@return the text with anything but printable ASCII escaped} For lists of names that are not to be cut. */
    static String plain(String text) {
        return escape(text, Integer.MAX_VALUE);
    }

    private static String escape(String text, int maxShown) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), maxShown); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                shown.append("\\\\");
            } else if (isPrintable(c)) {
                shown.append(c);
            } else {
                shown.append(String.format("\\u%04x", (int) c));
            }
        }
        return shown.append(text.length() > maxShown ? "…" : "").toString();
    }

    static boolean isPrintable(int c) {
        return c >= 0x20 && c <= 0x7e;
    }

    /** Lower-case letters, digits and hyphens. */
    static boolean isSlug(String text, int maxLength) {
        return hasLength(text, maxLength) && text.chars().allMatch(c -> isLower(c) || isDigit(c) || c == '-');
    }

    /** A name as {@link Class#getName} gives it, or the name of a module, in ASCII. */
    static boolean isQualifiedName(String text, int maxLength) {
        if (!hasLength(text, maxLength)) {
            return false;
        }
        boolean atStart = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = isLetter(c) || c == '_' || c == '$';
            boolean fits = c == '.' ? !atStart : letter || (isDigit(c) && !atStart);
            if (!fits) {
                return false;
            }
            atStart = c == '.';
        }
        return !atStart;
    }

    /** A file name that means the same on every system: letters, digits and {@code . _ + -}, no leading dot, no two dots in a row. */
    static boolean isFileName(String text) {
        return !text.isEmpty()
                && text.charAt(0) != '.'
                && text.charAt(0) != '-'
                && !text.contains("..")
                && text.chars().allMatch(c -> isLetter(c) || isDigit(c) || "._+-".indexOf(c) >= 0);
    }

    private static boolean hasLength(String text, int maxLength) {
        return !text.isEmpty() && text.length() <= maxLength;
    }

    private static boolean isLetter(int c) {
        return isLower(c) || (c >= 'A' && c <= 'Z');
    }

    private static boolean isLower(int c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
