package org.innerkeep.policy.jmespath;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.policy.jmespath.JmesPathException.Kind;
import org.innerkeep.policy.json.Json;

/**
 * Evaluates a query's tree. It is no deeper than {@link JmesPath#MAX_DEPTH}, so recursion is bounded; work is bounded by the
 * budget.
 */
final class Interpreter {
    private final Budget budget;
    private final Functions functions;

    Interpreter(Budget budget) {
        this.budget = budget;
        this.functions = new Functions(this);
    }

    int maxTextChars() {
        return budget.maxResultChars();
    }

    /** Takes steps from the budget for the node. */
    void spend(long steps, Node node) throws JmesPathException {
        if (!budget.take(steps)) {
            throw new JmesPathException(Kind.LIMIT, node.at(), "the search used up its steps here; ask less, or of less");
        }
    }

    /** Takes the steps that so many characters cost. */
    void spendChars(long chars, Node node) throws JmesPathException {
        spend(chars / Budget.CHARS_PER_STEP, node);
    }

    Json evaluate(Node node, Json value) throws JmesPathException {
        spend(1, node);
        return switch (node) {
            case Node.Current ignored -> value;
            case Node.Field field -> value instanceof Json.Obj object ? object.find(field.name()).orElse(Json.Null.NULL)
                    : Json.Null.NULL;
            case Node.Literal literal -> literal.value();
            case Node.Index index -> index(index.index(), value);
            case Node.Slice slice -> slice(slice, value);
            case Node.Chain chain -> evaluate(chain.right(), evaluate(chain.left(), value));
            case Node.Items items -> items(items, evaluate(items.left(), value));
            case Node.Values values -> values(values, evaluate(values.left(), value));
            case Node.Filter filter -> filter(filter, evaluate(filter.left(), value));
            case Node.Flatten flatten -> flatten(flatten, evaluate(flatten.left(), value));
            case Node.Logic logic -> logic(logic, value);
            case Node.Not not -> Json.of(!truth(evaluate(not.operand(), value)));
            case Node.Compare compare -> compare(compare, evaluate(compare.left(), value), evaluate(compare.right(), value));
            case Node.ListOf list -> listOf(list, value);
            case Node.ObjectOf object -> objectOf(object, value);
            case Node.Call call -> call(call, value);
            // The parser lets a reference stand as an argument only, and there it is not evaluated.
            case Node.Reference reference -> throw new IllegalStateException("a reference at " + reference.at());
        };
    }

    /** Null, false and whatever is empty are false; 0 is true. */
    static boolean truth(Json value) {
        return switch (value) {
            case Json.Null ignored -> false;
            case Json.Bool flag -> flag.value();
            case Json.Num ignored -> true;
            case Json.Text text -> !text.value().isEmpty();
            case Json.Arr array -> !array.items().isEmpty();
            case Json.Obj object -> !object.fields().isEmpty();
        };
    }

    private static Json index(int index, Json value) {
        if (!(value instanceof Json.Arr array)) {
            return Json.Null.NULL;
        }
        int size = array.items().size();
        int from = index < 0 ? size + index : index;
        return from >= 0 && from < size ? array.items().get(from) : Json.Null.NULL;
    }

    private Json slice(Node.Slice slice, Json value) throws JmesPathException {
        if (!(value instanceof Json.Arr array)) {
            return Json.Null.NULL;
        }
        int size = array.items().size();
        int step = slice.step();
        // A backward slice goes down to -1, before the first item.
        int least = step > 0 ? 0 : -1;
        int most = step > 0 ? size : size - 1;
        int start = slice.start().isPresent() ? bound(slice.start().getAsInt(), size, least, most) : step > 0 ? 0 : size - 1;
        int stop = slice.stop().isPresent() ? bound(slice.stop().getAsInt(), size, least, most) : step > 0 ? size : -1;
        List<Json> items = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            spend(1, slice);
            items.add(array.items().get((int) i));
        }
        return new Json.Arr(items);
    }

    private static int bound(int index, int size, int least, int most) {
        return Math.clamp(index < 0 ? (long) index + size : index, least, Math.max(least, most));
    }

    /** Projections leave out null. */
    private void project(Node each, Json item, List<Json> into) throws JmesPathException {
        Json result = evaluate(each, item);
        if (!(result instanceof Json.Null)) {
            into.add(result);
        }
    }

    private Json items(Node.Items node, Json left) throws JmesPathException {
        if (!(left instanceof Json.Arr array)) {
            return Json.Null.NULL;
        }
        List<Json> results = new ArrayList<>();
        for (Json item : array.items()) {
            project(node.right(), item, results);
        }
        return new Json.Arr(results);
    }

    private Json values(Node.Values node, Json left) throws JmesPathException {
        if (!(left instanceof Json.Obj object)) {
            return Json.Null.NULL;
        }
        List<Json> results = new ArrayList<>();
        for (Json item : object.fields().values()) {
            project(node.right(), item, results);
        }
        return new Json.Arr(results);
    }

    private Json filter(Node.Filter node, Json left) throws JmesPathException {
        if (!(left instanceof Json.Arr array)) {
            return Json.Null.NULL;
        }
        List<Json> results = new ArrayList<>();
        for (Json item : array.items()) {
            if (truth(evaluate(node.condition(), item))) {
                project(node.right(), item, results);
            }
        }
        return new Json.Arr(results);
    }

    private Json flatten(Node.Flatten node, Json left) throws JmesPathException {
        if (!(left instanceof Json.Arr array)) {
            return Json.Null.NULL;
        }
        List<Json> results = new ArrayList<>();
        for (Json item : array.items()) {
            if (item instanceof Json.Arr inner) {
                spend(inner.items().size(), node);
                results.addAll(inner.items());
            } else {
                results.add(item);
            }
        }
        spend(array.items().size(), node);
        return new Json.Arr(results);
    }

    private Json logic(Node.Logic node, Json value) throws JmesPathException {
        Json left = evaluate(node.left(), value);
        return truth(left) == node.both() ? evaluate(node.right(), value) : left;
    }

    private Json compare(Node.Compare node, Json left, Json right) throws JmesPathException {
        if (node.operator() == Token.Kind.EQUAL) {
            return Json.of(same(left, right, node));
        }
        if (node.operator() == Token.Kind.NOT_EQUAL) {
            return Json.of(!same(left, right, node));
        }
        if (!(left instanceof Json.Num one) || !(right instanceof Json.Num two)) {
            return Json.Null.NULL;
        }
        int order = one.value().compareTo(two.value());
        return Json.of(switch (node.operator()) {
            case LESS -> order < 0;
            case LESS_OR_EQUAL -> order <= 0;
            case MORE -> order > 0;
            default -> order >= 0;
        });
    }

    /** Equality that costs steps: results can hold one part many times over. */
    boolean same(Json left, Json right, Node node) throws JmesPathException {
        spend(1, node);
        return switch (left) {
            case Json.Null ignored -> right instanceof Json.Null;
            case Json.Bool flag -> right instanceof Json.Bool other && flag.value() == other.value();
            case Json.Num number -> right instanceof Json.Num other && equal(number.value(), other.value());
            case Json.Text text -> {
                if (!(right instanceof Json.Text other) || text.value().length() != other.value().length()) {
                    yield false;
                }
                spendChars(text.value().length(), node);
                yield text.value().equals(other.value());
            }
            case Json.Arr array -> right instanceof Json.Arr other && sameItems(array.items(), other.items(), node);
            case Json.Obj object -> right instanceof Json.Obj other && sameFields(object.fields(), other.fields(), node);
        };
    }

    private static boolean equal(BigDecimal one, BigDecimal two) {
        return one.compareTo(two) == 0;
    }

    private boolean sameItems(List<Json> left, List<Json> right, Node node) throws JmesPathException {
        if (left.size() != right.size()) {
            return false;
        }
        Iterator<Json> other = right.iterator();
        for (Json each : left) {
            if (!same(each, other.next(), node)) {
                return false;
            }
        }
        return true;
    }

    private boolean sameFields(Map<String, Json> left, Map<String, Json> right, Node node) throws JmesPathException {
        if (left.size() != right.size()) {
            return false;
        }
        for (Map.Entry<String, Json> field : left.entrySet()) {
            spendChars(field.getKey().length(), node);
            Json other = right.get(field.getKey());
            if (other == null || !same(field.getValue(), other, node)) {
                return false;
            }
        }
        return true;
    }

    private Json listOf(Node.ListOf node, Json value) throws JmesPathException {
        if (value instanceof Json.Null) {
            return Json.Null.NULL;
        }
        List<Json> items = new ArrayList<>();
        for (Node each : node.items()) {
            items.add(evaluate(each, value));
        }
        return new Json.Arr(items);
    }

    private Json objectOf(Node.ObjectOf node, Json value) throws JmesPathException {
        if (value instanceof Json.Null) {
            return Json.Null.NULL;
        }
        Map<String, Json> fields = new LinkedHashMap<>();
        for (Node.Entry each : node.fields()) {
            fields.put(each.name(), evaluate(each.value(), value));
        }
        return new Json.Obj(fields);
    }

    private Json call(Node.Call call, Json value) throws JmesPathException {
        List<Json> values = new ArrayList<>();
        for (int i = 0; i < call.arguments().size(); i++) {
            Node argument = call.arguments().get(i);
            Function.Takes wanted = call.function().parameter(i);
            if (argument instanceof Node.Reference) {
                if (wanted != Function.Takes.EXPRESSION) {
                    throw wrongType(call, i, "an expression");
                }
                values.add(Json.Null.NULL);
                continue;
            }
            Json given = evaluate(argument, value);
            if (given instanceof Json.Arr array) {
                // The check of its items' types.
                spend(array.items().size(), argument);
            }
            if (!wanted.accepts(given)) {
                throw wrongType(call, i, given.kind());
            }
            values.add(given);
        }
        return functions.call(call, values);
    }

    private static JmesPathException wrongType(Node.Call call, int index, String found) {
        return new JmesPathException(Kind.INVALID_TYPE, call.arguments().get(index).at(), "expected "
                + call.function().parameter(index).shown() + " as argument " + (index + 1) + " of " + call.function().shown()
                + "(), found " + (found.startsWith("an ") || found.equals("null") ? found : article(found)));
    }

    private static String article(String kind) {
        return (kind.startsWith("a") || kind.startsWith("o") ? "an " : "a ") + kind;
    }
}
