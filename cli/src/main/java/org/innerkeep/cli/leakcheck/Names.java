package org.innerkeep.cli.leakcheck;

import java.nio.charset.StandardCharsets;

/**
 * Prepares paths for a report: a part that holds a needle is withheld, and control characters, which a hostile name may hold, are
 * replaced. Has a window of its own, so that it can be used while a place is searched. Used by one thread.
 */
final class Names {
    private final Matcher.Search search;

    Names(Matcher matcher) {
        this.search = matcher.search(1 << 12);
    }

    /** {@return the path as it may be shown} */
    String shown(String path) {
        StringBuilder shown = new StringBuilder();
        for (String part : path.split("(?<=/)", -1)) {
            if (search.anyIn(part.getBytes(StandardCharsets.UTF_8))) {
                shown.append("(withheld)").append(part.endsWith("/") ? "/" : "");
            } else {
                part.codePoints().map(c -> Character.isISOControl(c) || !Character.isDefined(c) || isInvisible(c) ? '?' : c)
                        .forEach(shown::appendCodePoint);
            }
        }
        return shown.toString();
    }

    private static boolean isInvisible(int c) {
        int type = Character.getType(c);
        return type == Character.FORMAT || type == Character.SURROGATE
                || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR;
    }
}
