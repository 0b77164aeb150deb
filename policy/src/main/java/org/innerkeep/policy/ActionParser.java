package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.policy.Token.Kind;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Position;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.SectionKind;
import org.innerkeep.policy.tree.Verb;

/**
 * Reads what a rule does:
 *
 * <pre>
 * action   = "permit" "(" ")" | "deny" "(" ")" | verb "(" ( "claim" "=" ID | argument { "," argument } ) ")"
 * verb     = "add" | "issue" | "issueproperty"
 * argument = property "=" expression
 * </pre>
 */
final class ActionParser {
    private static final String ARGUMENTS = "'claim', 'type', 'value', 'valueType' or 'issuer'";

    private final Tokens tokens;
    private final Problems problems;
    private final SectionKind section;
    private final Set<String> identifiers;
    private final ExpressionParser expressions;

    ActionParser(
            Tokens tokens,
            Problems problems,
            SectionKind section,
            Set<String> identifiers,
            ExpressionParser expressions) {
        this.tokens = tokens;
        this.problems = problems;
        this.section = section;
        this.identifiers = identifiers;
        this.expressions = expressions;
    }

    Action action() throws SyntaxException {
        Token name = tokens.peek();
        return switch (name.is(Kind.WORD) ? name.text() : "") {
            case "permit" -> decision(new Action.Permit(name.position()));
            case "deny" -> decision(new Action.Deny(name.position()));
            case "add" -> making(Verb.ADD);
            case "issue" -> making(Verb.ISSUE);
            case "issueproperty" -> making(Verb.ISSUE_PROPERTY);
            default -> {
                Optional<String> hint = name.is(Kind.WORD) ? Hints.action(name.text()) : Optional.empty();
                throw hint.isPresent() ? tokens.unexpected(allowed(), hint) : tokens.unexpected(allowed());
            }
        };
    }

    private String allowed() {
        return switch (section) {
            case CONFIGURATION -> "'issueproperty'";
            case AUTHORIZATION -> "'permit', 'deny' or 'add'";
            case ISSUANCE -> "'issue', 'issueproperty' or 'add'";
        };
    }

    private Action decision(Action action) throws SyntaxException {
        Token name = tokens.next();
        if (section != SectionKind.AUTHORIZATION) {
            problems.add(
                    name.position(),
                    name.shown() + " in '" + section.text() + "'",
                    allowed(),
                    "permit and deny in 'authorizationrules'");
        }
        if (!tokens.at(Kind.PAREN_OPEN)) {
            throw tokens.unexpected("'('", Optional.of("write '" + name.text() + "()'"));
        }
        tokens.next();
        if (!tokens.at(Kind.PAREN_CLOSE)) {
            throw tokens.unexpected("')'", Optional.of("'" + name.text() + "()' takes no arguments"));
        }
        tokens.next();
        return action;
    }

    private Action making(Verb verb) throws SyntaxException {
        Token name = tokens.next();
        boolean fits = switch (section) {
            case CONFIGURATION -> verb == Verb.ISSUE_PROPERTY;
            case AUTHORIZATION -> verb == Verb.ADD;
            case ISSUANCE -> true;
        };
        if (!fits) {
            problems.add(
                    name.position(),
                    name.shown() + " in '" + section.text() + "'",
                    allowed(),
                    section == SectionKind.CONFIGURATION
                            ? "configuration rules set properties of the verifier and do nothing else"
                            : "move the rule to 'issuancerules'; 'add' makes a claim that later rules see");
        }
        tokens.take(Kind.PAREN_OPEN);
        if (tokens.peek().isWord("claim")) {
            return forward(name.position(), verb);
        }
        List<Action.Argument> arguments = new ArrayList<>();
        do {
            arguments.add(argument(arguments));
        } while (tokens.skip(Kind.COMMA));
        tokens.take(Kind.PAREN_CLOSE, "',' or ')'");
        for (Property needed : List.of(Property.TYPE, Property.VALUE)) {
            if (arguments.stream().noneMatch(each -> each.property() == needed)) {
                problems.add(
                        name.position(),
                        "'" + name.text() + "' without '" + needed.text() + "'",
                        "both 'type' and 'value'",
                        "write '" + name.text() + "(type=\"…\", value=…)'");
            }
        }
        return new Action.Make(name.position(), verb, arguments);
    }

    private Action forward(Position position, Verb verb) throws SyntaxException {
        tokens.next();
        tokens.take(Kind.ASSIGN);
        Token identifier = tokens.take(
                Kind.WORD, identifiers.isEmpty() ? "an identifier" : "one of " + expressions.known());
        expressions.checkKnown(identifier);
        tokens.take(Kind.PAREN_CLOSE);
        return new Action.Forward(position, verb, identifier.text(), identifier.position());
    }

    private Action.Argument argument(List<Action.Argument> before) throws SyntaxException {
        Position start = tokens.position();
        if (tokens.at(Kind.STRING)) {
            String name = before.isEmpty() ? "type" : "value";
            throw tokens.unexpected(ARGUMENTS, Optional.of("name what it is: write '" + name + "=\"…\"'"));
        }
        Property property = expressions.property(ARGUMENTS);
        if (before.stream().anyMatch(each -> each.property() == property)) {
            problems.add(start, "a second '" + property.text() + "'", "each argument once", "remove one of them");
        }
        if (tokens.at(Kind.EQUAL)) {
            tokens.unexpected("'='");
            tokens.next();
        } else {
            tokens.take(Kind.ASSIGN);
        }
        Expression expression = expressions.expression();
        check(property, expression);
        return new Action.Argument(start, property, expression);
    }

    /** What is wrong whatever the claims are. What depends on claims is found when the rule runs. */
    private void check(Property property, Expression expression) {
        if (property == Property.VALUE || !(expression instanceof Expression.Text text)) {
            if (property != Property.VALUE
                    && (expression instanceof Expression.Int || expression instanceof Expression.Bool)) {
                problems.add(
                        expression.position(), "no text", "text in quotes", "'" + property.text() + "' is always text");
            }
            return;
        }
        MadeClaim.fault(property, text.value())
                .ifPresent(each ->
                        problems.add(text.position(), Shown.quoted(text.value()), each.expected(), each.hint()));
    }
}
