package org.innerkeep.policy.jmespath;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.innerkeep.policy.json.Json;

/** Looks for what people write and do not mean, as seen in published policies. */
final class Doubts {
    private static final Set<String> WORDS = Set.of("true", "false", "null");

    private final String query;
    private final List<Doubt> found = new ArrayList<>();

    Doubts(String query) {
        this.query = query;
    }

    List<Doubt> of(Node root) {
        Deque<Node> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (node instanceof Node.Compare compare) {
                compare(compare);
            }
            if (node instanceof Node.Logic || node instanceof Node.Not || node instanceof Node.Call) {
                node.children().forEach(this::bareWord);
            }
            if (node instanceof Node.Chain chain && isList(chain.left())) {
                overList(chain.right());
            }
            node.children().forEach(open::push);
        }
        found.sort(Comparator.comparingInt(Doubt::position));
        return List.copyOf(found);
    }

    private void compare(Node.Compare compare) {
        bareWord(compare.left());
        bareWord(compare.right());
        quotedName(compare.left(), compare.right());
        quotedName(compare.right(), compare.left());
        twoFields(compare);
        lengthBelowZero(compare);
        lengthAndText(compare.left(), compare.right(), compare);
        lengthAndText(compare.right(), compare.left(), compare);
        if ((isList(compare.left()) && isNull(compare.right())) || (isList(compare.right()) && isNull(compare.left()))) {
            emptyList(compare);
        }
        if (compare.left() instanceof Node.Literal && compare.right() instanceof Node.Literal) {
            found.add(new Doubt(Doubt.Kind.CONSTANT_COMPARISON, compare.at(),
                    "two constants are compared, so the answer is the same always",
                    "compare with a field, which is a name without quotes"));
        }
    }

    /** {@code list | @ != null}: what follows a pipe is over the whole list. */
    private void overList(Node right) {
        if (right instanceof Node.Logic || right instanceof Node.Not) {
            right.children().forEach(this::overList);
        } else if (right instanceof Node.Compare compare
                && ((compare.left() instanceof Node.Current && isNull(compare.right()))
                        || (compare.right() instanceof Node.Current && isNull(compare.left())))) {
            emptyList(compare);
        }
    }

    /** {@code data.name == SecureBoot}: without quotes the text is a field, and two fields that are both missing are the same. */
    private void twoFields(Node.Compare compare) {
        boolean equality = compare.operator() == Token.Kind.EQUAL || compare.operator() == Token.Kind.NOT_EQUAL;
        if (equality && compare.left() instanceof Node.Chain chain && chain.right() instanceof Node.Field && compare.right() instanceof Node.Field field && !WORDS.contains(field.name())
                && query.charAt(field.at()) != '"') {
            found.add(new Doubt(Doubt.Kind.FIELD_INSTEAD_OF_TEXT, field.at(),
                    "two fields are compared, and where there are neither, both are null and so the same", "write text in single quotes"));
        }
    }

    private void lengthBelowZero(Node.Compare compare) {
        if (compare.operator() == Token.Kind.MORE_OR_EQUAL && compare.left() instanceof Node.Call call && call.function() == Function.LENGTH
                && compare.right() instanceof Node.Literal literal && literal.value() instanceof Json.Num number
                && number.value().signum() <= 0) {
            found.add(new Doubt(Doubt.Kind.CONSTANT_COMPARISON, compare.at(), "no length is less than 0, so this is true always",
                    "write 'length(@) > `0`' to ask whether there is anything"));
        }
    }

    private void lengthAndText(Node node, Node other, Node.Compare compare) {
        if (node instanceof Node.Call call && call.function() == Function.LENGTH
                && other instanceof Node.Literal literal && !(literal.value() instanceof Json.Num)) {
            found.add(new Doubt(Doubt.Kind.CONSTANT_COMPARISON, compare.at(),
                    "a length is a number and never equal to anything else, so the answer is the same always",
                    "write the number in backticks"));
        }
    }

    private void emptyList(Node.Compare compare) {
        boolean unequal = compare.operator() == Token.Kind.NOT_EQUAL;
        found.add(new Doubt(Doubt.Kind.EMPTY_LIST_IS_NOT_NULL, compare.at(),
                "a list is compared with null; a list with nothing in it is not null, so this is " + unequal
                        + " as well if nothing was found",
                "write 'length(@) " + (unequal ? "> `0`'" : "== `0`'")));
    }

    private void bareWord(Node node) {
        if (node instanceof Node.Field field && WORDS.contains(field.name()) && query.charAt(field.at()) != '"') {
            found.add(new Doubt(Doubt.Kind.LITERAL_WITHOUT_BACKTICKS, field.at(),
                    "'" + field.name() + "' is the name of a field here, and where there is no such field it is null",
                    "write `" + field.name() + "` in backticks"));
        }
    }

    private void quotedName(Node node, Node other) {
        if (node instanceof Node.Field field && query.charAt(field.at()) == '"' && !(other instanceof Node.Literal)) {
            found.add(new Doubt(Doubt.Kind.FIELD_INSTEAD_OF_TEXT, field.at(),
                    "what stands in double quotes is the name of a field",
                    "write text in single quotes"));
        }
    }

    /** Null, or a name that is meant to be it. */
    private static boolean isNull(Node node) {
        return (node instanceof Node.Literal literal && literal.value() instanceof Json.Null)
                || (node instanceof Node.Field field && field.name().equals("null"));
    }

    private static boolean isList(Node node) {
        return switch (node) {
            case Node.Items ignored -> true;
            case Node.Values ignored -> true;
            case Node.Filter ignored -> true;
            case Node.Flatten ignored -> true;
            case Node.ListOf ignored -> true;
            case Node.Chain chain -> isList(chain.right());
            case Node.Call call -> switch (call.function()) {
                case MAP, SORT, SORT_BY, KEYS, VALUES, TO_ARRAY -> true;
                default -> false;
            };
            default -> false;
        };
    }
}
