package org.innerkeep.policy.lint;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Which known name was meant. */
final class Nearest {
    private static final int LONGEST = 64;

    private Nearest() {}

    /** The known name that takes the fewest changes of letters, if these are few; case does not count as a change. */
    static Optional<String> of(String name, Collection<String> known) {
        if (name.length() > LONGEST) {
            return Optional.empty();
        }
        int most = Math.max(1, name.length() / 5);
        return known.stream()
                .filter(each -> !each.equals(name) && Math.abs(each.length() - name.length()) <= most)
                .filter(each -> changes(name, each) <= most)
                .min(Comparator.comparingInt(each -> changes(name, each)));
    }

    private static int changes(String one, String two) {
        String left = one.toLowerCase(Locale.ROOT);
        String right = two.toLowerCase(Locale.ROOT);
        int[] row = new int[right.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int changed = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[right.length()];
    }
}
