package org.innerkeep.policy;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.innerkeep.policy.Token.Kind;
import org.innerkeep.policy.tree.Function;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.SectionKind;

/** What to write instead: mistakes that people make, and what related languages have and this one has not. */
final class Hints {
    private static final String NO_SPACE = "this character only looks like space: remove it";

    private Hints() {}

    /**
     * For a token that may not stand where it does.
     *
     * @param found the token
     * @param previous the one before it
     * @param next the one after it
     */
    static Optional<String> unexpected(Token found, Token previous, Token next) {
        Optional<String> hint = switch (found.kind()) {
            case UNKNOWN -> unknown(found.text());
            case ASSIGN -> Optional.of("write '==' to compare");
            case EQUAL -> Optional.of("write '=' to set");
            case LESS ->
                next.is(Kind.WORD) || next.is(Kind.ARROW)
                        ? Optional.of("a placeholder in angle brackets is to be replaced by a value")
                        : Optional.empty();
            case DOT ->
                previous.is(Kind.INT)
                        ? Optional.of("numbers are whole; write text in quotes for anything else")
                        : Optional.empty();
            case WORD -> word(found, next);
            default -> Optional.empty();
        };
        if (hint.isEmpty() && previous.spansLines()) {
            return Optional.of("the string before it, from " + previous.position()
                    + ", goes over a line's end: is its '\"' missing?");
        }
        return hint;
    }

    /** For what stands where a policy's text has to begin, if it is plain what was taken for it. */
    static Optional<String> begin(Token found) {
        if (found.is(Kind.WORD) && found.text().startsWith("eyJ")) {
            return Optional.of("this is a policy in its envelope, a JWS:"
                    + " the text is what its payload has as 'AttestationPolicy', in base64url");
        }
        if (found.is(Kind.WORD) && found.text().equalsIgnoreCase("version")) {
            return Optional.of("write 'version' in lower case");
        }
        if (found.is(Kind.STRING)) {
            return Optional.of("the text stands in quotes, as in a program: write it without them");
        }
        return found.is(Kind.UNKNOWN) ? unknown(found.text()) : Optional.empty();
    }

    private static Optional<String> unknown(String symbol) {
        if (symbol.startsWith("&") && symbol.endsWith(";")) {
            return Optional.of("the text was written for HTML: write what '" + symbol + "' stands for");
        }
        return switch (symbol) {
            case "=~", "!~" ->
                Optional.of("there are no regular expressions; compare with '==', or search JSON text with JmesPath"
                        + " (version 1.2)");
            case "+" -> Optional.of("join text with AppendString(a, b) (version 1.2)");
            case "||" -> Optional.of("there is no 'or': write one rule for each case");
            case "|" -> Optional.of("there is no 'or': write one rule for each case");
            case "&" -> Optional.of("write '&&'");
            case "'" -> Optional.of("write text in double quotes");
            case "\\\"" ->
                Optional.of("the quotes have backslashes before them, as in JSON or in a program: leave the backslashes out");
            case "\\n", "\\r", "\\t" ->
                Optional.of("line ends and tabs are written as in JSON or in a program: put real ones in their place");
            case "\\" -> Optional.of("outside of quotes there are no backslashes, not at the end of a line either: leave it out");
            case "`" -> Optional.of("leave out the fence that Markdown puts around code");
            case "/*" -> Optional.of("a comment begins with '//' and ends with the line");
            case "#" -> Optional.of("a comment begins with '//'");
            case "-" ->
                Optional.of(
                        "a minus sign stands directly before the digits of a number; names have none unless in quotes");
            case "$" -> Optional.of("write the names of claims in quotes");
            case "\u201C", "\u201D", "\u201E", "\u201F" ->
                Optional.of("curly quotes come from word processors; write straight ones");
            case "\u2018", "\u2019" ->
                Optional.of("curly quotes come from word processors; write straight double quotes");
            case "\u200B", "\uFEFF" -> Optional.of(NO_SPACE);
            default -> Character.isSpaceChar(symbol.codePointAt(0)) ? Optional.of(NO_SPACE) : Optional.empty();
        };
    }

    private static Optional<String> word(Token found, Token next) {
        String lower = found.text().toLowerCase(Locale.ROOT);
        return switch (lower) {
            case "exists" ->
                Optional.of("a condition in brackets means that such a claim exists: leave 'exists' and its parentheses"
                        + " out");
            case "not" -> Optional.of("write '![…]' for 'no such claim' (version 1.2)");
            case "count", "sum", "min", "max" ->
                Optional.of("there is no counting; IsSubsetOf, ContainsOnlyValue and JmesPath look at several values"
                        + " (version 1.2)");
            case "regexreplace" ->
                Optional.of("there are no regular expressions; JmesPath searches JSON text (version 1.2)");
            case "store", "query" ->
                Optional.of("policies see the claims they are given and nothing else: there are no stores");
            case "and" -> Optional.of("write '&&'");
            case "or" -> Optional.of("there is no 'or': write one rule for each case");
            case "true", "false" -> Optional.of("write '" + lower + "' in lower case");
            case "permit", "deny" -> Optional.of("write '=> " + lower + "();'");
            case "add", "issue", "issueproperty" -> Optional.of("write '=> " + lower + "(type=\"…\", value=…);'");
            default ->
                next.is(Kind.PAREN_OPEN) && function(found.text()).isPresent()
                        ? Optional.of("functions stand behind '=' or an operator")
                        : Optional.empty();
        };
    }

    /** The section that was meant, where upper and lower case or a missing letter is all that is wrong. */
    static Optional<SectionKind> section(String written) {
        String lower = written.toLowerCase(Locale.ROOT);
        for (SectionKind each : SectionKind.values()) {
            if (lower.equals(each.text()) || (lower + "s").equals(each.text()) || distance(lower, each.text()) <= 2) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** The action that was meant. */
    static Optional<String> action(String written) {
        String lower = written.toLowerCase(Locale.ROOT);
        return Stream.of("permit", "deny", "add", "issue", "issueproperty")
                .filter(each -> lower.equals(each) || distance(lower, each) <= (each.length() > 4 ? 2 : 1))
                .findFirst()
                .map(each -> "write '" + each + "'" + (lower.equals(each) ? " in lower case" : ""));
    }

    /** The function of that name, upper and lower case as it may be. */
    static Optional<Function> function(String written) {
        for (Function each : Function.values()) {
            if (distance(each.text().toLowerCase(Locale.ROOT), written.toLowerCase(Locale.ROOT)) <= 2) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** The property that was meant. */
    static Optional<Property> property(String written) {
        for (Property each : Property.values()) {
            if (distance(each.text().toLowerCase(Locale.ROOT), written.toLowerCase(Locale.ROOT)) <= 1) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** How many letters differ, up to 3. Both are short: longer ones are simply different. */
    static int distance(String one, String other) {
        if (Math.abs(one.length() - other.length()) > 2 || one.length() > 32) {
            return 3;
        }
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int kept = row[j];
                int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(diagonal + change, Math.min(row[j], row[j - 1]) + 1);
                diagonal = kept;
            }
        }
        return Math.min(3, row[other.length()]);
    }
}
