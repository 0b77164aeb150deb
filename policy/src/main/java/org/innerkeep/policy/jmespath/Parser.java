package org.innerkeep.policy.jmespath;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import org.innerkeep.policy.jmespath.JmesPathException.Kind;

/**
 * Builds the tree of a query by operator precedence. A projection takes what follows it as far as that binds more tightly than
 * {@value #ENDS_PROJECTION}: comparisons, logic and pipes end it.
 */
final class Parser {
    private static final int ENDS_PROJECTION = 10;

    private final List<Token> tokens;
    private int position;
    private int nesting;

    Parser(List<Token> tokens) {
        this.tokens = tokens;
    }

    Node whole() throws JmesPathException {
        Node node = expression(0);
        take(Token.Kind.END);
        checkHeight(node);
        return node;
    }

    private Token peek() {
        return tokens.get(position);
    }

    private Token.Kind kind() {
        return peek().kind();
    }

    private Token next() {
        Token token = peek();
        if (token.kind() != Token.Kind.END) {
            position++;
        }
        return token;
    }

    private Token take(Token.Kind wanted) throws JmesPathException {
        if (kind() != wanted) {
            throw unexpected(wanted.shown());
        }
        return next();
    }

    private boolean follows(Token.Kind wanted) {
        if (kind() == wanted) {
            next();
            return true;
        }
        return false;
    }

    private JmesPathException unexpected(String wanted) {
        return new JmesPathException(Kind.SYNTAX, peek().at(), "expected " + wanted + ", found " + kind().shown());
    }

    /** Chains are long without nesting in the parser, but not when they are evaluated. */
    private static void checkHeight(Node root) throws JmesPathException {
        record Level(Node node, int depth) {}

        Deque<Level> open = new ArrayDeque<>();
        open.push(new Level(root, 1));
        while (!open.isEmpty()) {
            Level level = open.pop();
            if (level.depth() > JmesPath.MAX_DEPTH) {
                throw new JmesPathException(
                        Kind.LIMIT, level.node().at(), "expected a query of at most " + JmesPath.MAX_DEPTH
                                + " steps one after another");
            }
            level.node().children().forEach(child -> open.push(new Level(child, level.depth() + 1)));
        }
    }

    private Node expression(int binding) throws JmesPathException {
        if (++nesting > JmesPath.MAX_NESTING) {
            throw new JmesPathException(
                    Kind.LIMIT, peek().at(), "expected expressions nested at most " + JmesPath.MAX_NESTING + " deep");
        }
        Node left = first();
        while (kind().binding() > binding) {
            left = after(left);
        }
        nesting--;
        return left;
    }

    /** What can begin an expression. */
    private Node first() throws JmesPathException {
        Token token = next();
        int at = token.at();
        return switch (token.kind()) {
            case IDENTIFIER -> kind() == Token.Kind.LPAREN ? call(token) : new Node.Field(at, token.text());
            case QUOTED -> {
                if (kind() == Token.Kind.LPAREN) {
                    throw new JmesPathException(Kind.SYNTAX, at, "expected a function's name without quotes");
                }
                yield new Node.Field(at, token.text());
            }
            case LITERAL -> new Node.Literal(at, token.value());
            case CURRENT -> new Node.Current(at);
            case NOT -> new Node.Not(at, expression(Token.Kind.NOT.binding()));
            case LPAREN -> {
                Node inside = expression(0);
                take(Token.Kind.RPAREN);
                // Its projections took what is theirs already, so what follows is over the whole result.
                yield inside;
            }
            case STAR -> new Node.Values(at, new Node.Current(at), projected(Token.Kind.STAR.binding()));
            case FLATTEN -> flatten(at, new Node.Current(at));
            case FILTER -> filter(at, new Node.Current(at));
            case LBRACE -> objectOf(at);
            case LBRACKET -> startsIndex() ? bracket(at, new Node.Current(at)) : listOf(at);
            default -> {
                position = Math.max(0, token.kind() == Token.Kind.END ? position : position - 1);
                throw unexpected("an expression");
            }
        };
    }

    private boolean startsIndex() {
        return switch (kind()) {
            case NUMBER, COLON -> true;
            case STAR -> tokens.get(position + 1).kind() == Token.Kind.RBRACKET;
            default -> false;
        };
    }

    /** What can stand behind an expression. */
    private Node after(Node left) throws JmesPathException {
        Token token = next();
        int at = token.at();
        int binding = token.kind().binding();
        return switch (token.kind()) {
            case DOT -> follows(Token.Kind.STAR)
                    ? new Node.Values(at, left, projected(Token.Kind.STAR.binding()))
                    : new Node.Chain(at, left, afterDot(binding));
            case PIPE -> new Node.Chain(at, left, expression(binding));
            case OR -> new Node.Logic(at, false, left, expression(binding));
            case AND -> new Node.Logic(at, true, left, expression(binding));
            case EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, MORE, MORE_OR_EQUAL ->
                new Node.Compare(at, token.kind(), left, expression(binding));
            case FLATTEN -> flatten(at, left);
            case FILTER -> filter(at, left);
            case LBRACKET -> bracket(at, left);
            default -> {
                position--;
                throw unexpected("an operator or " + Token.Kind.END.shown());
            }
        };
    }

    private Node afterDot(int binding) throws JmesPathException {
        return switch (kind()) {
            case IDENTIFIER, QUOTED, STAR -> expression(binding);
            case LBRACKET -> listOf(next().at());
            case LBRACE -> objectOf(next().at());
            default -> throw unexpected("a name, '*', '[' or '{' after '.'");
        };
    }

    /** What a projection does to each value. */
    private Node projected(int binding) throws JmesPathException {
        if (kind().binding() < ENDS_PROJECTION) {
            return new Node.Current(peek().at());
        }
        return switch (kind()) {
            case LBRACKET, FILTER -> expression(binding);
            case DOT -> {
                next();
                yield afterDot(binding);
            }
            default -> throw unexpected("'.', '[' or an operator after a projection");
        };
    }

    private Node flatten(int at, Node left) throws JmesPathException {
        return new Node.Items(at, new Node.Flatten(at, left), projected(Token.Kind.FLATTEN.binding()));
    }

    private Node filter(int at, Node left) throws JmesPathException {
        Node condition = expression(0);
        take(Token.Kind.RBRACKET);
        Node each = kind() == Token.Kind.FLATTEN ? new Node.Current(peek().at()) : projected(Token.Kind.FILTER.binding());
        return new Node.Filter(at, left, condition, each);
    }

    /** An index, a slice or a projection; its opening bracket was taken. */
    private Node bracket(int at, Node left) throws JmesPathException {
        if (follows(Token.Kind.STAR)) {
            take(Token.Kind.RBRACKET);
            return new Node.Items(at, left, projected(Token.Kind.STAR.binding()));
        }
        OptionalInt start = number();
        if (start.isPresent() && follows(Token.Kind.RBRACKET)) {
            return new Node.Chain(at, left, new Node.Index(at, start.getAsInt()));
        }
        if (kind() != Token.Kind.COLON) {
            throw unexpected(start.isPresent() ? "']' or ':'" : "a number, ':' or '*'");
        }
        next();
        OptionalInt stop = number();
        int step = follows(Token.Kind.COLON) ? number().orElse(1) : 1;
        int end = take(Token.Kind.RBRACKET).at();
        if (step == 0) {
            throw new JmesPathException(Kind.INVALID_VALUE, end, "expected a slice's step other than 0");
        }
        Node slice = new Node.Chain(at, left, new Node.Slice(at, start, stop, step));
        return new Node.Items(at, slice, projected(Token.Kind.STAR.binding()));
    }

    private OptionalInt number() throws JmesPathException {
        if (kind() != Token.Kind.NUMBER) {
            return OptionalInt.empty();
        }
        Token token = next();
        try {
            return OptionalInt.of(Integer.parseInt(token.text()));
        } catch (NumberFormatException e) {
            throw new JmesPathException(Kind.SYNTAX, token.at(), "expected an index of at most nine digits");
        }
    }

    private Node listOf(int at) throws JmesPathException {
        List<Node> items = new ArrayList<>();
        do {
            items.add(expression(0));
        } while (follows(Token.Kind.COMMA));
        take(Token.Kind.RBRACKET);
        return new Node.ListOf(at, List.copyOf(items));
    }

    private Node objectOf(int at) throws JmesPathException {
        List<Node.Entry> fields = new ArrayList<>();
        do {
            if (kind() != Token.Kind.IDENTIFIER && kind() != Token.Kind.QUOTED) {
                throw unexpected("a name");
            }
            String name = next().text();
            take(Token.Kind.COLON);
            fields.add(new Node.Entry(name, expression(0)));
        } while (follows(Token.Kind.COMMA));
        take(Token.Kind.RBRACE);
        return new Node.ObjectOf(at, List.copyOf(fields));
    }

    private Node call(Token name) throws JmesPathException {
        take(Token.Kind.LPAREN);
        List<Node> arguments = new ArrayList<>();
        if (!follows(Token.Kind.RPAREN)) {
            do {
                Token token = peek();
                arguments.add(follows(Token.Kind.REFERENCE) ? new Node.Reference(token.at(), expression(0)) : expression(0));
            } while (follows(Token.Kind.COMMA));
            take(Token.Kind.RPAREN);
        }
        Function function = Function.of(name.text()).orElseThrow(
                () -> new JmesPathException(Kind.UNKNOWN_FUNCTION, name.at(), "expected a function of JMESPath, found "
                        + name.text().substring(0, Math.min(40, name.text().length())) + "()"));
        function.checkCount(arguments.size(), name.at());
        return new Node.Call(name.at(), function, List.copyOf(arguments));
    }
}
