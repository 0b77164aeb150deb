package org.innerkeep.policy;

import java.util.stream.Collectors;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Comparison;
import org.innerkeep.policy.tree.Condition;
import org.innerkeep.policy.tree.Expression;

/** Parts of a policy as one line for people: texts are shortened and escaped, so that it is no policy to be read again. */
final class Written {
    private Written() {}

    static String condition(Condition condition) {
        return (condition.negated() ? "!" : "")
                + condition.identifier().map(each -> Shown.name(each) + ":").orElse("")
                + condition.comparisons().stream().map(Written::comparison).collect(Collectors.joining(", ", "[", "]"));
    }

    static String comparison(Comparison comparison) {
        return comparison.property().text() + comparison.operator().text() + expression(comparison.expression());
    }

    static String action(Action action) {
        return switch (action) {
            case Action.Permit permit -> "permit()";
            case Action.Deny deny -> "deny()";
            case Action.Forward forward -> forward.verb().text() + "(claim=" + Shown.name(forward.identifier()) + ")";
            case Action.Make make ->
                make.arguments().stream()
                        .map(each -> each.property().text() + "=" + expression(each.expression()))
                        .collect(Collectors.joining(", ", make.verb().text() + "(", ")"));
        };
    }

    private static String expression(Expression expression) {
        return switch (expression) {
            case Expression.Text text -> Shown.quoted(text.value());
            case Expression.Int number -> Long.toString(number.value());
            case Expression.Bool bool -> Boolean.toString(bool.value());
            case Expression.Reference reference ->
                Shown.name(reference.identifier()) + "." + reference.property().text();
            case Expression.Call call ->
                call.arguments().stream()
                        .map(Written::expression)
                        .collect(Collectors.joining(", ", call.function().text() + "(", ")"));
        };
    }
}
