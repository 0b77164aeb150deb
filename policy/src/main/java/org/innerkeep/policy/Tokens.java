package org.innerkeep.policy;

import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.Token.Kind;
import org.innerkeep.policy.tree.Position;

/** Reads tokens one after the other and reports what is not as expected. */
final class Tokens {
    private final List<Token> tokens;
    private final Problems problems;
    private int at;

    Tokens(List<Token> tokens, Problems problems) {
        this.tokens = tokens;
        this.problems = problems;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    Position position() {
        return peek().position();
    }

    boolean at(Kind kind) {
        return peek().is(kind);
    }

    /** The end is never passed. */
    Token next() {
        Token token = peek();
        if (at < tokens.size() - 1) {
            at++;
        }
        return token;
    }

    boolean skip(Kind kind) {
        if (at(kind)) {
            next();
            return true;
        }
        return false;
    }

    Token take(Kind kind) throws SyntaxException {
        return take(kind, kind.shown());
    }

    Token take(Kind kind, String expected) throws SyntaxException {
        if (!at(kind)) {
            throw unexpected(expected);
        }
        return next();
    }

    SyntaxException unexpected(String expected) {
        return unexpected(expected, Hints.unexpected(peek(), tokens.get(Math.max(0, at - 1)), peek(1)));
    }

    SyntaxException unexpected(String expected, Optional<String> hint) {
        problems.add(new Problem(position(), peek().shown(), expected, hint));
        return new SyntaxException();
    }
}
