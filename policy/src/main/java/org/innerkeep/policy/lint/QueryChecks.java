package org.innerkeep.policy.lint;

import java.util.Map;
import java.util.Optional;
import org.innerkeep.policy.Shown;
import org.innerkeep.policy.jmespath.Doubt;
import org.innerkeep.policy.jmespath.JmesPath;
import org.innerkeep.policy.jmespath.JmesPathException;
import org.innerkeep.policy.lint.Finding.Code;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Function;
import org.innerkeep.policy.tree.Position;
import org.innerkeep.policy.tree.Rule;

/** What can be wrong with queries that are written in the policy. Those that rules put together are not seen. */
final class QueryChecks {
    /** The only field of claims that hold JSON. */
    private static final Map<String, String> FIELDS = Map.of("events", "Events", "bootEvents", "Events", "pcrs", "PCRs");

    private final Context context;

    QueryChecks(Context context) {
        this.context = context;
    }

    void check(Rule rule) {
        rule.conditions().forEach(each -> each.comparisons().forEach(one -> check(rule, one.expression())));
        if (rule.action() instanceof Action.Make make) {
            make.arguments().forEach(each -> check(rule, each.expression()));
        }
    }

    private void check(Rule rule, Expression expression) {
        if (!(expression instanceof Expression.Call call)) {
            return;
        }
        call.arguments().forEach(each -> check(rule, each));
        if (call.function() == Function.JMES_PATH && call.arguments().getLast() instanceof Expression.Text query) {
            query(rule, call.arguments().getFirst(), query);
        }
    }

    private void query(Rule rule, Expression json, Expression.Text text) {
        JmesPath query;
        try {
            query = JmesPath.compile(text.value());
        } catch (JmesPathException e) {
            context.add(Code.QUERY_INVALID, place(text, e.position()),
                    "this is no JMESPath, so the evaluation ends with an error where the"
                    + " rule fires: " + e.problem(), "correct the query");
            return;
        }
        query.doubts().forEach(doubt -> context.add(code(doubt), place(text, doubt.position()), doubt.message(), doubt.remedy()));
        if (json instanceof Expression.Reference reference) {
            Optional<String> wanted = Context.typeOf(rule, reference.identifier()).map(FIELDS::get);
            query.firstField().filter(found -> wanted.isPresent() && !found.equals(wanted.get())).ifPresent(found -> context.add(
                    Code.QUERY_FIELD, text.position(), "the claim has the field " + Shown.quoted(wanted.orElse(""))
                            + " only, and the query"
                            + " begins with " + Shown.quoted(found) + ", so it finds nothing; fields are told apart by case",
                    "write '" + wanted.orElse("") + "'"));
        }
    }

    private static Code code(Doubt doubt) {
        return switch (doubt.kind()) {
            case EMPTY_LIST_IS_NOT_NULL -> Code.QUERY_EMPTY_LIST;
            case LITERAL_WITHOUT_BACKTICKS -> Code.QUERY_LITERAL;
            case FIELD_INSTEAD_OF_TEXT, CONSTANT_COMPARISON -> Code.QUERY_COMPARISON;
        };
    }

    /** Where a character of a text stands in the policy, escapes counted. */
    private Position place(Expression.Text text, int offset) {
        String policy = context.policy().text();
        int at = policy.startsWith("\uFEFF") ? 1 : 0;
        for (int line = 1; line < text.position().line(); line++) {
            at = policy.indexOf('\n', at) + 1;
        }
        at = policy.offsetByCodePoints(at, text.position().column());
        int line = text.position().line();
        int column = text.position().column() + 1;
        for (int passed = 0; passed < offset && at < policy.length(); passed++) {
            if (policy.charAt(at) == '\\') {
                at++;
                column++;
            }
            boolean newLine = policy.charAt(at) == '\n';
            line += newLine ? 1 : 0;
            column = newLine ? 1 : column + (Character.isLowSurrogate(policy.charAt(at)) ? 0 : 1);
            at++;
        }
        return new Position(line, column);
    }
}
