package org.innerkeep.policy.jmespath;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.policy.jmespath.JmesPathException.Kind;
import org.innerkeep.policy.json.Json;
import org.innerkeep.policy.json.JsonException;
import org.innerkeep.policy.json.JsonLimits;

/** What the functions do with arguments of the right types. Whatever they make or go through costs steps. */
final class Functions {
    private static final JsonLimits ONE_NUMBER = new JsonLimits(64, 0, 1);

    private final Interpreter interpreter;

    Functions(Interpreter interpreter) {
        this.interpreter = interpreter;
    }

    Json call(Node.Call call, List<Json> arguments) throws JmesPathException {
        Json first = arguments.getFirst();
        return switch (call.function()) {
            case ABS -> new Json.Num(number(first).abs());
            case CEIL -> new Json.Num(number(first).setScale(0, RoundingMode.CEILING));
            case FLOOR -> new Json.Num(number(first).setScale(0, RoundingMode.FLOOR));
            case SUM -> new Json.Num(sum(items(first)));
            case AVG -> items(first).isEmpty()
                    ? Json.Null.NULL
                    : new Json.Num(sum(items(first)).divide(BigDecimal.valueOf(items(first).size()), MathContext.DECIMAL128));
            case CONTAINS -> Json.of(contains(call, first, arguments.get(1)));
            case STARTS_WITH -> Json.of(text(first).startsWith(text(arguments.get(1))));
            case ENDS_WITH -> Json.of(text(first).endsWith(text(arguments.get(1))));
            case EQUALS_IGNORE_CASE -> Json.of(equalsIgnoreCase(call, first, arguments.get(1)));
            case JOIN -> join(call, text(first), items(arguments.get(1)));
            case KEYS -> new Json.Arr(keys(call, (Json.Obj) first));
            case VALUES -> new Json.Arr(values(call, (Json.Obj) first));
            case LENGTH -> Json.of(length(call, first));
            case MAP -> map(call, items(arguments.get(1)));
            case MAX -> extreme(call, items(first), items(first), 1);
            case MIN -> extreme(call, items(first), items(first), -1);
            case MAX_BY -> extreme(call, items(first), sortKeys(call, items(first)), 1);
            case MIN_BY -> extreme(call, items(first), sortKeys(call, items(first)), -1);
            case SORT -> sorted(call, items(first), items(first));
            case SORT_BY -> sorted(call, items(first), sortKeys(call, items(first)));
            case MERGE -> merge(call, arguments);
            case NOT_NULL -> arguments.stream().filter(each -> !(each instanceof Json.Null)).findFirst().orElse(Json.Null.NULL);
            case REVERSE -> reverse(call, first);
            case TO_ARRAY -> first instanceof Json.Arr ? first : new Json.Arr(List.of(first));
            case TO_NUMBER -> toNumber(first);
            case TO_STRING -> first instanceof Json.Text ? first : new Json.Text(written(call, first));
            case TYPE -> new Json.Text(first.kind());
        };
    }

    private static BigDecimal number(Json value) {
        return ((Json.Num) value).value();
    }

    private static String text(Json value) {
        return ((Json.Text) value).value();
    }

    private static List<Json> items(Json value) {
        return ((Json.Arr) value).items();
    }

    private static BigDecimal sum(List<Json> numbers) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Json each : numbers) {
            sum = sum.add(number(each));
        }
        return sum;
    }

    private List<Json> values(Node.Call call, Json.Obj object) throws JmesPathException {
        interpreter.spend(object.fields().size(), call);
        return List.copyOf(object.fields().values());
    }

    private boolean contains(Node.Call call, Json in, Json sought) throws JmesPathException {
        if (in instanceof Json.Text text) {
            if (!(sought instanceof Json.Text part)) {
                return false;
            }
            interpreter.spendChars((long) text.value().length() + part.value().length(), call);
            return containsPart(text.value(), part.value());
        }
        for (Json each : items(in)) {
            if (interpreter.same(each, sought, call)) {
                return true;
            }
        }
        return false;
    }

    /** Knuth, Morris and Pratt: the JDK's search may compare the whole part at each place, which hostile texts can make slow. */
    private static boolean containsPart(String text, String part) {
        int[] borders = new int[part.length() + 1];
        borders[0] = -1;
        for (int i = 0, border = -1; i < part.length(); borders[++i] = ++border) {
            while (border >= 0 && part.charAt(i) != part.charAt(border)) {
                border = borders[border];
            }
        }
        int matched = 0;
        for (int i = 0; i < text.length() && matched < part.length(); i++, matched++) {
            while (matched >= 0 && text.charAt(i) != part.charAt(matched)) {
                matched = borders[matched];
            }
        }
        return matched == part.length();
    }

    private boolean equalsIgnoreCase(Node.Call call, Json one, Json two) throws JmesPathException {
        if (!(one instanceof Json.Text left) || !(two instanceof Json.Text right)) {
            return false;
        }
        interpreter.spendChars(left.value().length(), call);
        return left.value().equalsIgnoreCase(right.value());
    }

    private Json join(Node.Call call, String glue, List<Json> parts) throws JmesPathException {
        long length = Math.max(0, parts.size() - 1L) * glue.length();
        for (Json each : parts) {
            length += text(each).length();
        }
        checkLength(call, length);
        return new Json.Text(String.join(glue, parts.stream().map(Functions::text).toList()));
    }

    private void checkLength(Node.Call call, long chars) throws JmesPathException {
        if (chars > interpreter.maxTextChars()) {
            throw new JmesPathException(Kind.LIMIT, call.at(), "expected a text of at most " + interpreter.maxTextChars()
                    + " characters from " + call.function().shown() + "()");
        }
        interpreter.spendChars(chars, call);
    }

    private List<Json> keys(Node.Call call, Json.Obj object) throws JmesPathException {
        interpreter.spend(object.fields().size(), call);
        return object.fields().keySet().stream().map(Json::of).toList();
    }

    /** Characters of text are Unicode code points. */
    private long length(Node.Call call, Json value) throws JmesPathException {
        return switch (value) {
            case Json.Arr array -> array.items().size();
            case Json.Obj object -> object.fields().size();
            default -> {
                String text = text(value);
                interpreter.spendChars(text.length(), call);
                yield text.codePointCount(0, text.length());
            }
        };
    }

    private Json map(Node.Call call, List<Json> items) throws JmesPathException {
        List<Json> results = new ArrayList<>();
        for (Json each : items) {
            results.add(interpreter.evaluate(expression(call), each));
        }
        return new Json.Arr(results);
    }

    private static Node expression(Node.Call call) {
        for (Node each : call.arguments()) {
            if (each instanceof Node.Reference reference) {
                return reference.expression();
            }
        }
        throw new IllegalStateException(call.function() + " was called without an expression");
    }

    /** What each item is ordered by: all numbers, or all strings. */
    private List<Json> sortKeys(Node.Call call, List<Json> items) throws JmesPathException {
        List<Json> keys = new ArrayList<>();
        for (Json each : items) {
            Json key = interpreter.evaluate(expression(call), each);
            Json kind = keys.isEmpty() ? key : keys.getFirst();
            if (!(kind instanceof Json.Num && key instanceof Json.Num)
                    && !(kind instanceof Json.Text && key instanceof Json.Text)) {
                throw new JmesPathException(Kind.INVALID_TYPE, expression(call).at(),
                        "expected all numbers or all strings to order by in "
                        + call.function().shown() + "(), found " + key.kind());
            }
            keys.add(key);
        }
        return keys;
    }

    /** The first of the items with the greatest key (1), or the least (-1). */
    private Json extreme(Node.Call call, List<Json> items, List<Json> keys, int direction) throws JmesPathException {
        spendComparisons(call, keys, 1);
        int best = -1;
        for (int i = 0; i < keys.size(); i++) {
            if (best < 0 || Integer.signum(order(keys.get(i), keys.get(best))) == direction) {
                best = i;
            }
        }
        return best < 0 ? Json.Null.NULL : items.get(best);
    }

    private Json sorted(Node.Call call, List<Json> items, List<Json> keys) throws JmesPathException {
        spendComparisons(call, keys, Long.SIZE - Long.numberOfLeadingZeros(keys.size()));
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            places.add(i);
        }
        // The sort is stable, as the specification wants it.
        places.sort(Comparator.comparing(keys::get, Functions::order));
        return new Json.Arr(places.stream().map(items::get).toList());
    }

    private void spendComparisons(Node.Call call, List<Json> keys, int perKey) throws JmesPathException {
        for (Json each : keys) {
            long chars = each instanceof Json.Text text ? text.value().length() : 0;
            interpreter.spend((1 + chars / Budget.CHARS_PER_STEP) * perKey, call);
        }
    }

    private static int order(Json one, Json two) {
        return one instanceof Json.Num left && two instanceof Json.Num right
                ? left.value().compareTo(right.value())
                : byCodePoints(text(one), text(two));
    }

    /** The order of code points is not that of UTF-16 units. */
    private static int byCodePoints(String one, String two) {
        int length = Math.min(one.length(), two.length());
        for (int i = 0; i < length; i++) {
            if (one.charAt(i) != two.charAt(i)) {
                return Integer.compare(unitRank(one.charAt(i)), unitRank(two.charAt(i)));
            }
        }
        return Integer.compare(one.length(), two.length());
    }

    /** Surrogates stand for code points above all others. */
    private static int unitRank(char unit) {
        return Character.isSurrogate(unit) ? unit + Character.MAX_VALUE : unit;
    }

    private Json merge(Node.Call call, List<Json> objects) throws JmesPathException {
        Map<String, Json> fields = new LinkedHashMap<>();
        for (Json each : objects) {
            interpreter.spend(((Json.Obj) each).fields().size(), call);
            fields.putAll(((Json.Obj) each).fields());
        }
        return new Json.Obj(fields);
    }

    private Json reverse(Node.Call call, Json value) throws JmesPathException {
        if (value instanceof Json.Arr array) {
            interpreter.spend(array.items().size(), call);
            return new Json.Arr(array.items().reversed());
        }
        String text = text(value);
        interpreter.spendChars(text.length(), call);
        return new Json.Text(new StringBuilder(text).reverse().toString());
    }

    private static Json toNumber(Json value) {
        if (value instanceof Json.Num) {
            return value;
        }
        if (!(value instanceof Json.Text text) || text.value().isEmpty() || text.value().charAt(0) <= ' '
                || text.value().charAt(text.value().length() - 1) <= ' ') {
            return Json.Null.NULL;
        }
        try {
            return Json.parse(text.value(), ONE_NUMBER) instanceof Json.Num number ? number : Json.Null.NULL;
        } catch (JsonException e) {
            return Json.Null.NULL;
        }
    }

    private String written(Node.Call call, Json value) throws JmesPathException {
        String text = value.toText(interpreter.maxTextChars()).orElseThrow(() -> new JmesPathException(
                Kind.LIMIT, call.at(), "expected a text of at most " + interpreter.maxTextChars()
                        + " characters from to_string()"));
        interpreter.spendChars(text.length(), call);
        return text;
    }
}
