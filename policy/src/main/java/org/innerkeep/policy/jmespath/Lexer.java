package org.innerkeep.policy.jmespath;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.policy.jmespath.JmesPathException.Kind;
import org.innerkeep.policy.json.Json;
import org.innerkeep.policy.json.JsonException;
import org.innerkeep.policy.json.JsonLimits;

/** Cuts a query into tokens. The query's length is bounded by its caller. */
final class Lexer {
    private static final JsonLimits LITERAL =
            new JsonLimits(JmesPath.MAX_LENGTH, JsonLimits.CLAIM.maxDepth(), JmesPath.MAX_LENGTH);

    private final String query;
    private final List<Token> tokens = new ArrayList<>();
    private int position;

    Lexer(String query) {
        this.query = query;
    }

    /** All tokens, {@link Token.Kind#END} last. */
    List<Token> tokens() throws JmesPathException {
        while (position < query.length()) {
            next();
        }
        add(Token.Kind.END, position);
        return tokens;
    }

    private void next() throws JmesPathException {
        int at = position;
        char c = query.charAt(position++);
        switch (c) {
            case ' ', '\t', '\n', '\r' -> {}
            case '.' -> add(Token.Kind.DOT, at);
            case '*' -> add(Token.Kind.STAR, at);
            case '@' -> add(Token.Kind.CURRENT, at);
            case ']' -> add(Token.Kind.RBRACKET, at);
            case '{' -> add(Token.Kind.LBRACE, at);
            case '}' -> add(Token.Kind.RBRACE, at);
            case '(' -> add(Token.Kind.LPAREN, at);
            case ')' -> add(Token.Kind.RPAREN, at);
            case ',' -> add(Token.Kind.COMMA, at);
            case ':' -> add(Token.Kind.COLON, at);
            case '[' -> add(follows(']') ? Token.Kind.FLATTEN : follows('?') ? Token.Kind.FILTER : Token.Kind.LBRACKET, at);
            case '|' -> add(follows('|') ? Token.Kind.OR : Token.Kind.PIPE, at);
            case '&' -> add(follows('&') ? Token.Kind.AND : Token.Kind.REFERENCE, at);
            case '!' -> add(follows('=') ? Token.Kind.NOT_EQUAL : Token.Kind.NOT, at);
            case '<' -> add(follows('=') ? Token.Kind.LESS_OR_EQUAL : Token.Kind.LESS, at);
            case '>' -> add(follows('=') ? Token.Kind.MORE_OR_EQUAL : Token.Kind.MORE, at);
            case '=' -> {
                if (!follows('=')) {
                    throw new JmesPathException(Kind.SYNTAX, at, "expected '==', found '='");
                }
                add(Token.Kind.EQUAL, at);
            }
            case '"' -> quoted(at);
            case '`' -> literal(at);
            case '\'' -> raw(at);
            default -> word(c, at);
        }
    }

    private void word(char first, int at) throws JmesPathException {
        if (letter(first)) {
            while (position < query.length() && (letter(query.charAt(position)) || digit(query.charAt(position)))) {
                position++;
            }
            add(Token.Kind.IDENTIFIER, at);
        } else if (digit(first) || (first == '-' && position < query.length() && digit(query.charAt(position)))) {
            while (position < query.length() && digit(query.charAt(position))) {
                position++;
            }
            add(Token.Kind.NUMBER, at);
        } else {
            throw new JmesPathException(Kind.SYNTAX, at, "expected a name, an operator or a literal, found another character");
        }
    }

    private static boolean letter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    private boolean follows(char wanted) {
        if (position < query.length() && query.charAt(position) == wanted) {
            position++;
            return true;
        }
        return false;
    }

    private void add(Token.Kind kind, int at) {
        tokens.add(new Token(kind, at, query.substring(at, position), Json.Null.NULL));
    }

    private void quoted(int at) throws JmesPathException {
        end('"', at, "a name in quotes");
        if (json(query.substring(at, position), at) instanceof Json.Text name) {
            tokens.add(new Token(Token.Kind.QUOTED, at, name.value(), Json.Null.NULL));
        } else {
            throw new IllegalStateException("what begins with a quote is text");
        }
    }

    private void literal(int at) throws JmesPathException {
        end('`', at, "a literal");
        String text = query.substring(at + 1, position - 1).replace("\\`", "`");
        tokens.add(new Token(Token.Kind.LITERAL, at, "", json(text, at + 1)));
    }

    private void raw(int at) throws JmesPathException {
        end('\'', at, "a raw string");
        String text = query.substring(at + 1, position - 1).replace("\\'", "'");
        tokens.add(new Token(Token.Kind.LITERAL, at, "", new Json.Text(text)));
    }

    /** Goes behind the next such mark that no backslash stands before. */
    private void end(char mark, int at, String what) throws JmesPathException {
        while (position < query.length() && query.charAt(position) != mark) {
            position += query.charAt(position) == '\\' ? 2 : 1;
        }
        if (position >= query.length()) {
            throw new JmesPathException(Kind.SYNTAX, at, "expected the end of " + what + ", found the end of the query");
        }
        position++;
    }

    private static Json json(String text, int at) throws JmesPathException {
        try {
            return Json.parse(text, LITERAL);
        } catch (JsonException e) {
            throw new JmesPathException(Kind.SYNTAX, at, "expected JSON; at its " + e.getMessage());
        }
    }
}
