package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.policy.Token.Kind;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Comparison;
import org.innerkeep.policy.tree.Condition;
import org.innerkeep.policy.tree.Operator;
import org.innerkeep.policy.tree.Position;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.SectionKind;
import org.innerkeep.policy.tree.Version;

/**
 * Reads one rule:
 *
 * <pre>
 * rule       = [ condition { "&amp;&amp;" condition } ] "=>" action ";"
 * condition  = ["!"] [ ID ":" ] "[" comparison { "," comparison } "]"
 * comparison = property operator expression
 * </pre>
 */
final class RuleParser {
    private final Tokens tokens;
    private final Problems problems;
    private final Version version;
    private final SectionKind section;
    private final Set<String> identifiers = new LinkedHashSet<>();
    private final ExpressionParser expressions;

    RuleParser(Tokens tokens, Problems problems, Version version, SectionKind section) {
        this.tokens = tokens;
        this.problems = problems;
        this.version = version;
        this.section = section;
        this.expressions = new ExpressionParser(tokens, problems, version, identifiers);
    }

    Rule rule() throws SyntaxException {
        Position start = tokens.position();
        List<Condition> conditions = new ArrayList<>();
        if (!tokens.at(Kind.ARROW)) {
            do {
                conditions.add(condition(conditions.isEmpty()));
            } while (tokens.skip(Kind.AND));
            if (tokens.at(Kind.BRACKET_OPEN)
                    || tokens.at(Kind.NOT)
                    || tokens.peek(1).is(Kind.COLON)) {
                throw tokens.unexpected("'&&' or '=>'", Optional.of("join conditions with '&&'"));
            }
        }
        tokens.take(Kind.ARROW, conditions.isEmpty() ? "'=>'" : "'&&' or '=>'");
        Action action = new ActionParser(tokens, problems, section, identifiers, expressions).action();
        if (!tokens.at(Kind.SEMICOLON)) {
            boolean next = tokens.at(Kind.BRACE_CLOSE) || tokens.at(Kind.ARROW) || tokens.at(Kind.BRACKET_OPEN)
                    || tokens.at(Kind.NOT) || tokens.peek(1).is(Kind.COLON);
            Optional<String> hint = next
                    ? Optional.of("a rule ends with ';'")
                    : Optional.empty();
            throw hint.isPresent() ? tokens.unexpected("';'", hint) : tokens.unexpected("';'");
        }
        return new Rule(start, conditions, action, tokens.next().position());
    }

    private Condition condition(boolean first) throws SyntaxException {
        Position start = tokens.position();
        boolean negated = tokens.at(Kind.NOT);
        if (negated) {
            if (!version.atLeast(Version.V1_2)) {
                problems.add(
                        start,
                        "'!' in a policy of version " + version.text(),
                        "a condition",
                        "conditions that must not hold are of version 1.2: write 'version=1.2;'");
            }
            tokens.next();
        }
        Optional<String> identifier = Optional.empty();
        if (tokens.at(Kind.WORD) && tokens.peek(1).is(Kind.COLON)) {
            identifier = Optional.of(identifier());
        }
        if (!tokens.at(Kind.BRACKET_OPEN)) {
            throw tokens.unexpected(
                    negated || identifier.isPresent() || !first ? "'['" : "a rule, or '}' at the end of the section");
        }
        tokens.next();
        List<Comparison> comparisons = new ArrayList<>();
        do {
            comparisons.add(comparison());
        } while (tokens.skip(Kind.COMMA));
        if (tokens.at(Kind.AND)) {
            throw tokens.unexpected("',' or ']'", Optional.of("within brackets write ',' for 'and'"));
        }
        tokens.take(Kind.BRACKET_CLOSE, "',' or ']'");
        // Only now: a condition does not know its own claims.
        identifier.ifPresent(identifiers::add);
        return new Condition(start, negated, identifier, comparisons);
    }

    private String identifier() {
        Token name = tokens.next();
        if (name.text().equals("true") || name.text().equals("false")) {
            problems.add(name.position(), name.shown(), "an identifier", "this word has a meaning: take another");
        } else if (identifiers.contains(name.text())) {
            problems.add(
                    name.position(),
                    name.shown(),
                    "an identifier that no other condition of this rule has",
                    "give each condition an identifier of its own");
        }
        tokens.next();
        return name.text();
    }

    private Comparison comparison() throws SyntaxException {
        Position start = tokens.position();
        Property property = expressions.property("a property: 'type', 'value', 'valueType' or 'issuer'");
        Position operatorPosition = tokens.position();
        Operator operator = switch (tokens.peek().kind()) {
            case EQUAL -> Operator.EQUAL;
            case NOT_EQUAL -> Operator.NOT_EQUAL;
            case LESS -> Operator.LESS;
            case AT_MOST -> Operator.AT_MOST;
            case GREATER -> Operator.GREATER;
            case AT_LEAST -> Operator.AT_LEAST;
            case ASSIGN -> {
                // The most frequent mistake: what follows is clear, so that the rest of the rule is read as well.
                tokens.unexpected("'=='");
                yield Operator.EQUAL;
            }
            default -> throw tokens.unexpected("'==', '!=', '<', '<=', '>' or '>='");
        };
        tokens.next();
        if (operator.ordering() && property != Property.VALUE) {
            problems.add(
                    operatorPosition,
                    "'" + operator.text() + "' with '" + property.text() + "'",
                    "'==' or '!='",
                    "only values that are whole numbers have an order");
        }
        return new Comparison(start, property, operator, expressions.expression());
    }
}
