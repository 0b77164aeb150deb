package org.innerkeep.policy.jmespath;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.innerkeep.policy.jmespath.JmesPathException.Kind;
import org.innerkeep.policy.json.Json;

/** The functions: their names, and what they take. {@link Functions} says what they do. */
enum Function {
    ABS(Takes.NUMBER),
    AVG(Takes.NUMBERS),
    CEIL(Takes.NUMBER),
    CONTAINS(Takes.ARRAY_OR_STRING, Takes.ANY),
    ENDS_WITH(Takes.STRING, Takes.STRING),
    /** No function of the specification: false for whatever is no text, as {@code ==} would be. */
    EQUALS_IGNORE_CASE(Takes.ANY, Takes.ANY),
    FLOOR(Takes.NUMBER),
    JOIN(Takes.STRING, Takes.STRINGS),
    KEYS(Takes.OBJECT),
    LENGTH(Takes.COUNTABLE),
    MAP(Takes.EXPRESSION, Takes.ARRAY),
    MAX(Takes.NUMBERS_OR_STRINGS),
    MAX_BY(Takes.ARRAY, Takes.EXPRESSION),
    MERGE(true, Takes.OBJECT),
    MIN(Takes.NUMBERS_OR_STRINGS),
    MIN_BY(Takes.ARRAY, Takes.EXPRESSION),
    NOT_NULL(true, Takes.ANY),
    REVERSE(Takes.ARRAY_OR_STRING),
    SORT(Takes.NUMBERS_OR_STRINGS),
    SORT_BY(Takes.ARRAY, Takes.EXPRESSION),
    STARTS_WITH(Takes.STRING, Takes.STRING),
    SUM(Takes.NUMBERS),
    TO_ARRAY(Takes.ANY),
    TO_NUMBER(Takes.ANY),
    TO_STRING(Takes.ANY),
    TYPE(Takes.ANY),
    VALUES(Takes.OBJECT);

    /** What an argument may be. */
    enum Takes {
        ANY("any value"),
        NUMBER("a number"),
        STRING("a string"),
        ARRAY("an array"),
        OBJECT("an object"),
        COUNTABLE("a string, an array or an object"),
        ARRAY_OR_STRING("an array or a string"),
        NUMBERS("an array of numbers"),
        STRINGS("an array of strings"),
        NUMBERS_OR_STRINGS("an array of numbers or an array of strings"),
        EXPRESSION("an expression after '&'");

        private final String shown;

        Takes(String shown) {
            this.shown = shown;
        }

        String shown() {
            return shown;
        }

        boolean accepts(Json value) {
            return switch (this) {
                case ANY -> true;
                case NUMBER -> value instanceof Json.Num;
                case STRING -> value instanceof Json.Text;
                case ARRAY -> value instanceof Json.Arr;
                case OBJECT -> value instanceof Json.Obj;
                case COUNTABLE -> value instanceof Json.Text || value instanceof Json.Arr || value instanceof Json.Obj;
                case ARRAY_OR_STRING -> value instanceof Json.Text || value instanceof Json.Arr;
                case NUMBERS -> value instanceof Json.Arr array && all(array, Json.Num.class);
                case STRINGS -> value instanceof Json.Arr array && all(array, Json.Text.class);
                case NUMBERS_OR_STRINGS -> NUMBERS.accepts(value) || STRINGS.accepts(value);
                case EXPRESSION -> false;
            };
        }

        private static boolean all(Json.Arr array, Class<? extends Json> type) {
            return array.items().stream().allMatch(type::isInstance);
        }
    }

    private static final Map<String, Function> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Function::shown, each -> each));

    private final boolean repeats;
    @SuppressWarnings("ImmutableEnumChecker") // A list that cannot be changed.
    private final List<Takes> parameters;

    Function(Takes... parameters) {
        this(false, parameters);
    }

    Function(boolean repeats, Takes... parameters) {
        this.repeats = repeats;
        this.parameters = List.of(parameters);
    }

    static Optional<Function> of(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    String shown() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What an argument may be; the last parameter may repeat. */
    Takes parameter(int index) {
        return parameters.get(Math.min(index, parameters.size() - 1));
    }

    void checkCount(int count, int at) throws JmesPathException {
        if (count < parameters.size() || (count > parameters.size() && !repeats)) {
            throw new JmesPathException(Kind.INVALID_ARITY, at, "expected " + (repeats ? "at least " : "") + parameters.size()
                    + (parameters.size() == 1 ? " argument" : " arguments") + " for " + shown() + "(), found " + count);
        }
    }
}
