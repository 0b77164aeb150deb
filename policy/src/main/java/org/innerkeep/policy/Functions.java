package org.innerkeep.policy;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.OptionalLong;
import org.innerkeep.policy.jmespath.Budget;
import org.innerkeep.policy.jmespath.JmesPath;
import org.innerkeep.policy.jmespath.JmesPathException;
import org.innerkeep.policy.json.Json;
import org.innerkeep.policy.json.JsonException;
import org.innerkeep.policy.json.JsonLimits;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Function;
import org.jspecify.annotations.Nullable;

/** The functions, for one evaluation. A wrong argument ends the evaluation: nothing is made up for it. */
final class Functions {
    private static final JsonLimits JSON =
            new JsonLimits(Limits.MAX_TEXT, Limits.MAX_JSON_DEPTH, Limits.MAX_JSON_VALUES);

    /** Reading a character of JSON text, or of a query, takes longer than copying one. */
    private static final int JSON_CHARS_PER_STEP = 4;

    /** Several rules search the same event log: it is read once. */
    private static final int REMEMBERED = 16;

    private final Program program;
    private final Steps steps;
    private @Nullable IdentityHashMap<String, Json> read;

    Functions(Program program, Steps steps) {
        this.program = program;
        this.steps = steps;
    }

    Values call(Expression.Call call, List<Values> arguments) throws EvaluationException {
        Values first = arguments.getFirst();
        Values second = arguments.getLast();
        try {
            return switch (call.function()) {
                case JMES_PATH ->
                    Values.of(
                            new ClaimValue.Text(search(call, text(call, first, "first"), text(call, second, "second"))),
                            first.readOnly() || second.readOnly());
                case JSON_TO_CLAIM_VALUE -> new Values(fromJson(text(call, first, "only")), first.readOnly());
                case IS_SUBSET_OF -> bool(subset(first.values(), second.values()));
                case CONTAINS_ONLY_VALUE ->
                    bool(first.values().size() == 1 && first.values().contains(single(call, second, "second")));
                case APPEND_STRING ->
                    Values.of(
                            new ClaimValue.Text(append(text(call, first, "first"), text(call, second, "second"))),
                            first.readOnly() || second.readOnly());
                case NEGATE_BOOL -> {
                    if (!(single(call, first, "only") instanceof ClaimValue.Bool bool)) {
                        throw wrong(call, "only", "true or false", first);
                    }
                    yield Values.of(new ClaimValue.Bool(!bool.value()), first.readOnly());
                }
            };
        } catch (EvaluationException e) {
            throw e.at(call.position());
        }
    }

    /** What only says something about values, and holds none of them, may be issued. */
    private static Values bool(boolean value) {
        return Values.of(new ClaimValue.Bool(value), false);
    }

    private boolean subset(DistinctValues some, DistinctValues all) throws EvaluationException {
        for (ClaimValue each : some.list()) {
            steps.spendText(each instanceof ClaimValue.Text text ? text.value().length() : 0);
            if (!all.contains(each)) {
                return false;
            }
        }
        return true;
    }

    private String append(String one, String other) throws EvaluationException {
        steps.make((long) one.length() + other.length());
        return one + other;
    }

    private String search(Expression.Call call, String json, String query) throws EvaluationException {
        if (json.isEmpty() || query.isEmpty()) {
            throw new EvaluationException("JmesPath was given an empty text, expected JSON text and a query");
        }
        Json value;
        try {
            value = json(json);
        } catch (JsonException e) {
            throw new EvaluationException(
                    "the first argument of JmesPath is no JSON text: " + Shown.message(message(e)));
        }
        try {
            JmesPath compiled = compiled(call, query);
            Budget budget = new Budget(steps.left(), Limits.MAX_QUERY_RESULT);
            Json result = compiled.search(value, budget);
            steps.spend(steps.left() - budget.left());
            String text = result.toText(Limits.MAX_QUERY_RESULT).orElseThrow(() -> tooLong());
            steps.make(text.length());
            return text;
        } catch (JmesPathException e) {
            throw new EvaluationException("the query " + Shown.quoted(query) + " failed: " + Shown.message(message(e)));
        }
    }

    private static EvaluationException tooLong() {
        return new EvaluationException(
                "the query gives more than " + Limits.MAX_QUERY_RESULT + " characters: ask for less");
    }

    private JmesPath compiled(Expression.Call call, String query) throws JmesPathException, EvaluationException {
        @Nullable JmesPath constant = program.query(call);
        if (constant != null) {
            return constant;
        }
        steps.spend(1 + query.length() / JSON_CHARS_PER_STEP);
        return JmesPath.compile(query);
    }

    private Json json(String text) throws JsonException, EvaluationException {
        if (read == null) {
            read = new IdentityHashMap<>(REMEMBERED);
        }
        Json known = read.get(text);
        if (known != null) {
            return known;
        }
        steps.spend(1 + text.length() / JSON_CHARS_PER_STEP);
        Json value = Json.parse(text, JSON);
        if (read.size() < REMEMBERED) {
            read.put(text, value);
        }
        return value;
    }

    private DistinctValues fromJson(String text) throws EvaluationException {
        DistinctValues values = new DistinctValues();
        Json value;
        try {
            value = json(text);
        } catch (JsonException e) {
            // A bare word is text. What begins like JSON and is none is a mistake, and must not become a claim.
            if (text.isEmpty()
                    || "{[\""
                                    .indexOf(
                                            text.stripLeading().isEmpty()
                                                    ? '{'
                                                    : text.stripLeading().charAt(0))
                            >= 0) {
                throw new EvaluationException(
                        "JsonToClaimValue was given what is no JSON text: " + Shown.message(message(e)));
            }
            values.add(new ClaimValue.Text(text));
            return values;
        }
        if (value instanceof Json.Arr several) {
            for (Json each : several.items()) {
                steps.spend(1);
                addScalar(values, each);
            }
        } else {
            addScalar(values, value);
        }
        return values;
    }

    private void addScalar(DistinctValues values, Json value) throws EvaluationException {
        switch (value) {
            case Json.Null nothing -> {}
            case Json.Bool bool -> values.add(new ClaimValue.Bool(bool.value()));
            case Json.Text text -> {
                steps.make(text.value().length());
                values.add(new ClaimValue.Text(text.value()));
            }
            case Json.Num number -> {
                OptionalLong whole = number.whole();
                if (whole.isEmpty()) {
                    throw new EvaluationException("JsonToClaimValue was given the number "
                            + Shown.message(number.toString()) + ", expected a whole number of 64 bits");
                }
                values.add(new ClaimValue.Int(whole.getAsLong()));
            }
            case Json.Arr arr -> throw notScalar("an array within an array");
            case Json.Obj obj -> throw notScalar("an object");
        }
    }

    private static EvaluationException notScalar(String found) {
        return new EvaluationException("JsonToClaimValue was given " + found
                + ", expected text, a whole number, true, false, null or an array of these: take the parts out"
                + " with JmesPath first");
    }

    private static String text(Expression.Call call, Values argument, String which) throws EvaluationException {
        if (!(single(call, argument, which) instanceof ClaimValue.Text text)) {
            throw wrong(call, which, "text", argument);
        }
        return text.value();
    }

    private static ClaimValue single(Expression.Call call, Values argument, String which) throws EvaluationException {
        if (argument.values().size() != 1) {
            throw wrong(call, which, "one value", argument);
        }
        return argument.values().list().getFirst();
    }

    private static EvaluationException wrong(Expression.Call call, String which, String expected, Values found) {
        String shown = switch (found.values().size()) {
            case 0 -> "nothing";
            case 1 -> Shown.value(found.values().list().getFirst());
            default -> found.values().size() + " different values";
        };
        Function function = call.function();
        return new EvaluationException(
                "the " + which + " argument of " + function.text() + " is " + shown + ", expected " + expected);
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
