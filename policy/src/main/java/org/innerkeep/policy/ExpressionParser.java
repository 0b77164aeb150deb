package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.innerkeep.policy.Token.Kind;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Function;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.Version;

/**
 * Reads expressions:
 *
 * <pre>
 * expression = STRING | INT | "true" | "false" | ID "." property | FUNCTION "(" [ expression { "," expression } ] ")"
 * </pre>
 */
final class ExpressionParser {
    private final Tokens tokens;
    private final Problems problems;
    private final Version version;
    private final Set<String> identifiers;
    private int nesting;

    /** The identifiers are those that are known by the time an expression is read. */
    ExpressionParser(Tokens tokens, Problems problems, Version version, Set<String> identifiers) {
        this.tokens = tokens;
        this.problems = problems;
        this.version = version;
        this.identifiers = identifiers;
    }

    Expression expression() throws SyntaxException {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case STRING -> new Expression.Text(token.position(), tokens.next().text());
            case INT -> new Expression.Int(token.position(), tokens.next().number());
            case WORD -> word(token);
            default ->
                throw tokens.unexpected(
                        "a value: text in quotes, a whole number, 'true', 'false', an identifier's property or a"
                                + " function");
        };
    }

    private Expression word(Token token) throws SyntaxException {
        if (tokens.peek(1).is(Kind.DOT)) {
            return reference();
        }
        if (tokens.peek(1).is(Kind.PAREN_OPEN)) {
            return call();
        }
        if (token.text().equals("true") || token.text().equals("false")) {
            tokens.next();
            return new Expression.Bool(token.position(), token.text().equals("true"));
        }
        if (identifiers.contains(token.text())) {
            throw tokens.unexpected("a value", Optional.of("write '" + Shown.name(token.text()) + ".value'"));
        }
        Optional<String> hint =
                token.text().equalsIgnoreCase("true") || token.text().equalsIgnoreCase("false")
                        ? Optional.of("write 'true' and 'false' in lower case")
                        : Optional.of("write text in quotes");
        throw tokens.unexpected("a value", hint);
    }

    private Expression reference() throws SyntaxException {
        Token name = tokens.next();
        checkKnown(name);
        tokens.next();
        return new Expression.Reference(
                name.position(), name.text(), property("'type', 'value', 'valueType' or 'issuer'"));
    }

    /** The identifiers, for messages. */
    String known() {
        String first = identifiers.stream().limit(10).map(Shown::name).collect(Collectors.joining(", "));
        return identifiers.size() > 10 ? first + "…" : first;
    }

    /** Reports an identifier that no condition before has. */
    void checkKnown(Token name) {
        if (!identifiers.contains(name.text())) {
            problems.add(
                    name.position(),
                    name.shown(),
                    identifiers.isEmpty()
                            ? "a value that needs no identifier"
                            : "an identifier of this rule: " + known(),
                    "an identifier stands before a condition, as in '" + Shown.name(name.text())
                            + ":[type==\"…\"]', and is known behind it in the same rule");
        }
    }

    Property property(String expected) throws SyntaxException {
        Token token = tokens.peek();
        for (Property each : Property.values()) {
            if (token.isWord(each.text())) {
                tokens.next();
                return each;
            }
        }
        Optional<Property> meant = token.is(Kind.WORD) ? Hints.property(token.text()) : Optional.empty();
        throw meant.isPresent()
                ? tokens.unexpected(expected, meant.map(each -> "write '" + each.text() + "'"))
                : tokens.unexpected(expected);
    }

    private Expression call() throws SyntaxException {
        Token name = tokens.peek();
        Function function = function(name);
        tokens.next();
        if (!version.atLeast(Version.V1_2)) {
            problems.add(
                    name.position(),
                    name.shown() + " in a policy of version " + version.text(),
                    "a value",
                    "functions are of version 1.2: write 'version=1.2;'");
        }
        if (++nesting > Limits.MAX_NESTING) {
            problems.add(
                    name.position(),
                    "calls within calls, " + nesting + " deep",
                    "at most " + Limits.MAX_NESTING,
                    "add a claim with what comes out of the inner calls, and go on with that claim in another rule");
            throw new SyntaxException();
        }
        tokens.next();
        List<Expression> arguments = new ArrayList<>();
        if (!tokens.at(Kind.PAREN_CLOSE)) {
            do {
                arguments.add(expression());
            } while (tokens.skip(Kind.COMMA));
        }
        if (arguments.size() != function.parameters() && tokens.at(Kind.PAREN_CLOSE)) {
            problems.add(
                    tokens.position(),
                    function.text() + " with " + arguments.size()
                            + (arguments.size() == 1 ? " argument" : " arguments"),
                    String.valueOf(function.parameters()),
                    "write " + form(function));
        }
        tokens.take(Kind.PAREN_CLOSE, "',' or ')'");
        nesting--;
        return new Expression.Call(name.position(), function, arguments);
    }

    private Function function(Token name) throws SyntaxException {
        for (Function each : Function.values()) {
            if (each.text().equals(name.text())) {
                return each;
            }
        }
        Optional<String> hint = Hints.function(name.text()).map(each -> "write '" + each.text() + "'");
        String expected = "JmesPath, JsonToClaimValue, IsSubsetOf, ContainsOnlyValue, AppendString or NegateBool";
        throw hint.isPresent() ? tokens.unexpected(expected, hint) : tokens.unexpected(expected);
    }

    private static String form(Function function) {
        return switch (function) {
            case JMES_PATH -> "JmesPath(json, query)";
            case JSON_TO_CLAIM_VALUE -> "JsonToClaimValue(json)";
            case IS_SUBSET_OF -> "IsSubsetOf(values, values)";
            case CONTAINS_ONLY_VALUE -> "ContainsOnlyValue(values, value)";
            case APPEND_STRING -> "AppendString(text, text)";
            case NEGATE_BOOL -> "NegateBool(value)";
        };
    }
}
