package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.policy.Token.Kind;
import org.innerkeep.policy.tree.Comment;
import org.innerkeep.policy.tree.Position;

/**
 * Takes a policy's text apart. What is of no known form becomes a token of its own, which the parser refuses where it stands, so
 * that the message can say what was wanted there; only what is wrong within a token is reported here.
 */
final class Lexer {
    private static final String MISLEADING_HINT =
            "remove this character: with it, editors show rules where only a comment is, or the other way round";

    private static final String CURLY_DOUBLE = "\u201C\u201D\u201E\u201F";

    /** Longest first: {@code =>} is not {@code =} and {@code >}. The last ones are of related languages, for their hints. */
    private static final List<String> SYMBOLS = List.of(
            "=>", "==", "=~", "!=", "!~", "<=", ">=", "&&", "||", "/*", "=", "!", "<", ">", "{", "}", "[", "]", "(",
            ")", ":", ";", ",", ".");

    private static final Pattern ENTITY = Pattern.compile("&(?:[a-z]{2,6}|#[0-9]{1,5});");
    private static final int MAX_ENTITY = 8;

    private final String text;
    private final Problems problems;
    private final List<Token> tokens = new ArrayList<>();
    private final List<Comment> comments = new ArrayList<>();
    private int at;
    private int line = 1;
    private int column = 1;
    private boolean lineEmpty = true;

    Lexer(String text, Problems problems) {
        this.text = text;
        this.problems = problems;
    }

    /** All tokens; the last is {@link Kind#END}. */
    List<Token> tokens() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
                advance();
                continue;
            }
            if (text.startsWith("//", at)) {
                comment();
                continue;
            }
            lineEmpty = false;
            if (c == '"') {
                string();
            } else if (digit(c) || (c == '-' && at + 1 < text.length() && digit(text.charAt(at + 1)))) {
                number();
            } else if (letter(c)) {
                word();
            } else {
                symbol();
            }
        }
        tokens.add(new Token(Kind.END, "", here(), 0, false));
        return tokens;
    }

    List<Comment> comments() {
        return comments;
    }

    private void comment() {
        Position start = here();
        boolean own = lineEmpty;
        int from = at + 2;
        while (at < text.length() && text.charAt(at) != '\n') {
            char c = text.charAt(at);
            if (misleading(c) || (c == '\r' && at + 1 < text.length() && text.charAt(at + 1) != '\n')) {
                problems.add(here(), Shown.piece(Character.toString(c)), "text that is shown as it is read", MISLEADING_HINT);
            }
            advance();
        }
        String inside = text.substring(from, at);
        comments.add(
                new Comment(start, inside.endsWith("\r") ? inside.substring(0, inside.length() - 1) : inside, own));
    }

    private void word() {
        Position start = here();
        int from = at;
        while (at < text.length() && (letter(text.charAt(at)) || digit(text.charAt(at)))) {
            advance();
        }
        add(Kind.WORD, text.substring(from, at), start);
    }

    private void number() {
        Position start = here();
        int from = at;
        advance();
        boolean hex =
                text.charAt(from) == '0' && at < text.length() && (text.charAt(at) == 'x' || text.charAt(at) == 'X');
        if (hex) {
            advance();
        }
        while (at < text.length()
                && (hex
                        ? Character.digit(text.charAt(at), 16) >= 0 && text.charAt(at) < 128
                        : digit(text.charAt(at)))) {
            advance();
        }
        String written = text.substring(from, at);
        long value = 0;
        try {
            value = hex ? Long.parseLong(written.substring(2), 16) : Long.parseLong(written);
        } catch (NumberFormatException e) {
            problems.add(
                    start,
                    Shown.piece(written),
                    "a whole number from " + Long.MIN_VALUE + " to " + Long.MAX_VALUE,
                    "write text in quotes where a number is larger");
        }
        tokens.add(new Token(Kind.INT, written, start, value, false));
    }

    /**
     * A string. One that goes over a line's end is allowed; but if it has a curly quote before that end, the curly quote was
     * meant to end it, and what follows is read as if it did.
     */
    private void string() {
        Position start = here();
        StringBuilder inside = new StringBuilder();
        boolean spansLines = false;
        advance();
        while (true) {
            if (at >= text.length()) {
                problems.add(start, "a string without end", "'\"' at its end", "close the string that begins here");
                break;
            }
            int point = text.codePointAt(at);
            if (point == '"') {
                advance();
                break;
            }
            if (CURLY_DOUBLE.indexOf(point) >= 0 && endsLineHere()) {
                problems.add(
                        here(),
                        Shown.piece(Character.toString(point)),
                        "'\"'",
                        "curly quotes come from word processors; write straight ones");
                advance();
                break;
            }
            spansLines |= point == '\n';
            if (point == '\\') {
                escape(inside);
            } else {
                if ((point < ' ' && point != '\t' && point != '\n' && point != '\r')
                        || (point >= 0xD800 && point <= 0xDFFF)
                        || misleading(point)) {
                    problems.add(
                            here(),
                            Shown.piece(Character.toString(point)),
                            "a printable character",
                            "remove this character");
                }
                inside.appendCodePoint(point);
                advance();
            }
        }
        tokens.add(new Token(Kind.STRING, inside.toString(), start, 0, spansLines));
    }

    /** Whether no straight quote follows on this line: then a curly one is the end of the string and no part of it. */
    private boolean endsLineHere() {
        int quote = text.indexOf('"', at);
        int end = text.indexOf('\n', at);
        return quote < 0 || (end >= 0 && end < quote);
    }

    private void escape(StringBuilder inside) {
        Position start = here();
        advance();
        char next = at < text.length() ? text.charAt(at) : '\n';
        if (next == '"' || next == '\\') {
            inside.append(next);
            advance();
            return;
        }
        problems.add(
                start,
                "'\\' before " + Shown.piece(Character.toString(next)),
                "'\\\"' or '\\\\'",
                "write '\\\\' for one backslash, or leave it out");
        inside.append('\\');
    }

    private void symbol() {
        Position start = here();
        for (String each : SYMBOLS) {
            if (text.startsWith(each, at)) {
                for (int i = 0; i < each.length(); i++) {
                    advance();
                }
                add(kind(each), each, start);
                return;
            }
        }
        if (escapedForElsewhere()) {
            return;
        }
        int point = text.codePointAt(at);
        advance();
        add(Kind.UNKNOWN, Character.toString(point), start);
        if (CURLY_DOUBLE.indexOf(point) >= 0) {
            skipCurlyString();
        }
    }

    /** What HTML, JSON and programs write for a quote or a line's end is one token, so that there is one message about each. */
    private boolean escapedForElsewhere() {
        Position start = here();
        int end = at;
        if (text.charAt(at) == '\\' && at + 1 < text.length() && "\"nrt".indexOf(text.charAt(at + 1)) >= 0) {
            end = at + 2;
        } else if (text.charAt(at) == '&') {
            Matcher entity = ENTITY.matcher(text).region(at, Math.min(text.length(), at + MAX_ENTITY));
            end = entity.lookingAt() ? entity.end() : at;
        }
        String escaped = text.substring(at, end);
        while (at < end) {
            advance();
        }
        if (!escaped.isEmpty()) {
            add(Kind.UNKNOWN, escaped, start);
        }
        return !escaped.isEmpty();
    }

    /** What stands between curly quotes would only give more messages about the same mistake. */
    private void skipCurlyString() {
        for (int i = at; i < text.length() && text.charAt(i) != '\n'; i++) {
            if (CURLY_DOUBLE.indexOf(text.charAt(i)) >= 0 || text.charAt(i) == '"') {
                while (at <= i) {
                    advance();
                }
                return;
            }
        }
    }

    private static Kind kind(String symbol) {
        return switch (symbol) {
            case "=>" -> Kind.ARROW;
            case "==" -> Kind.EQUAL;
            case "!=" -> Kind.NOT_EQUAL;
            case "<=" -> Kind.AT_MOST;
            case ">=" -> Kind.AT_LEAST;
            case "&&" -> Kind.AND;
            case "=" -> Kind.ASSIGN;
            case "!" -> Kind.NOT;
            case "<" -> Kind.LESS;
            case ">" -> Kind.GREATER;
            case "{" -> Kind.BRACE_OPEN;
            case "}" -> Kind.BRACE_CLOSE;
            case "[" -> Kind.BRACKET_OPEN;
            case "]" -> Kind.BRACKET_CLOSE;
            case "(" -> Kind.PAREN_OPEN;
            case ")" -> Kind.PAREN_CLOSE;
            case ":" -> Kind.COLON;
            case ";" -> Kind.SEMICOLON;
            case "," -> Kind.COMMA;
            case "." -> Kind.DOT;
            default -> Kind.UNKNOWN;
        };
    }

    private void add(Kind kind, String written, Position start) {
        tokens.add(new Token(kind, written, start, 0, false));
    }

    private Position here() {
        return new Position(line, column);
    }

    private void advance() {
        int point = text.codePointAt(at);
        at += Character.charCount(point);
        if (point == '\n') {
            line++;
            column = 1;
            lineEmpty = true;
        } else {
            column++;
        }
    }

    /** What has editors show a text in another order than it has, so that people approve what they do not see. */
    private static boolean misleading(int point) {
        return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean letter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    }
}
