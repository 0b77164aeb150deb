package org.innerkeep.channel.job;

import java.util.regex.Pattern;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.internal.json.Json;

/**
 * The grammars of the words in a job. All are ASCII: people compare jobs by eye, and no two words may look alike and differ.
 */
final class Words {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final Pattern COLUMN =
            Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_ .:/()%+-]{0,62}[A-Za-z0-9_.:/()%+-])?");
    private static final Pattern PARAMETER = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,63}");
    private static final Pattern PRINTABLE = Pattern.compile("[ -~]{0,256}");
    // The shape of Bech32 (BIP 173) with the prefixes of age and the keys of its two kinds.
    private static final Pattern RECIPIENT = Pattern.compile("age1pq1[02-9ac-hj-np-z]{1952}|age1[02-9ac-hj-np-z]{58}");

    private Words() {}

    static String name(String word) {
        return check(NAME, word, "1 to 64 of a-z, 0-9 and '-', not beginning with '-'");
    }

    static String column(String word) {
        return check(COLUMN, word, "a column name of 1 to 64 ASCII letters, digits and _ .:/()%+-, no space at either end");
    }

    static String parameter(String word) {
        return check(PARAMETER, word, "1 to 64 ASCII letters, digits and ._- beginning with a letter");
    }

    static String printable(String word) {
        return check(PRINTABLE, word, "at most 256 printable ASCII characters");
    }

    static String recipient(String word) {
        check(RECIPIENT, word, "a recipient of 1959 lower-case characters beginning with age1pq1 or of 62 beginning with age1");
        try {
            // Its checksum: a slip in an agreed recipient must not be found only when results are to be sealed to it.
            Recipient.parse(word);
            return word;
        } catch (SealedFileException e) {
            throw new IllegalArgumentException("expected a recipient: " + e.getMessage(), e);
        }
    }

    private static String check(Pattern grammar, String word, String wanted) {
        if (!grammar.matcher(word).matches()) {
            throw new IllegalArgumentException("expected " + wanted + ", found " + Json.quote(word));
        }
        return word;
    }
}
