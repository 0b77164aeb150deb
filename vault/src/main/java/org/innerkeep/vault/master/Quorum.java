package org.innerkeep.vault.master;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many shares there are, and how many of them open the vault.
 *
 * @param needed 2 to {@code shares}
 * @param shares 2 to {@value #MOST}
 */
record Quorum(int needed, int shares) {
    static final int LEAST = 2;
    static final int MOST = 16;

    private static final Pattern TEXT = Pattern.compile("([1-9][0-9]?)/([1-9][0-9]?)");

    Quorum {
        if (needed < LEAST || needed > shares || shares > MOST) {
            throw new IllegalArgumentException("recovery: expected 2 to " + MOST + " shares, and at least 2 of them needed, found " + needed
                    + " of " + shares);
        }
    }

    /** Reads {@code 3/5}: three of five. */
    static Optional<Quorum> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new Quorum(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }
}
