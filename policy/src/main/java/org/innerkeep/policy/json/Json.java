package org.innerkeep.policy.json;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A JSON value (RFC 8259). Immutable, safe for use by several threads. Two values are equal if they mean the same: {@code 1} is
 * {@code 1.0}, and the order of an object's fields does not matter.
 *
 * <p>A value that was read is bounded by its {@link JsonLimits}. A value made by a query may hold one part many times, so that
 * its text is far longer than its memory: write it with {@link #toText(int)}.
 */
public sealed interface Json {
    /** Null. */
    record Null() implements Json {
        /** The one null that is needed. */
        public static final Json NULL = new Null();

        @Override
        public String toString() {
            return "null";
        }
    }

    /**
     * True or false.
     *
     * @param value which
     */
    record Bool(boolean value) implements Json {
        /** True. */
        public static final Json TRUE = new Bool(true);

        /** False. */
        public static final Json FALSE = new Bool(false);

        @Override
        public String toString() {
            return Boolean.toString(value);
        }
    }

    /**
     * A number, exact.
     *
     * @param value its value; what was read has at most 64 characters and an exponent of at most three digits
     */
    record Num(BigDecimal value) implements Json {
        /**
         * A whole number.
         *
         * @param value its value
         */
        public Num(long value) {
            this(BigDecimal.valueOf(value));
        }

        /** {@return the number, if it is whole and a signed 64-bit number can hold it; 3.0 is whole} */
        public OptionalLong whole() {
            try {
                return OptionalLong.of(value.longValueExact());
            } catch (ArithmeticException e) {
                return OptionalLong.empty();
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Num number && value.compareTo(number.value) == 0;
        }

        @Override
        public int hashCode() {
            return value.stripTrailingZeros().hashCode();
        }

        @Override
        public String toString() {
            return toText();
        }
    }

    /**
     * Text.
     *
     * @param value Unicode text without unpaired surrogates, if it was read
     */
    record Text(String value) implements Json {}

    /**
     * An array.
     *
     * @param items its items in order
     */
    record Arr(List<Json> items) implements Json {
        /** Copies the list. */
        public Arr {
            items = List.copyOf(items);
        }
    }

    /**
     * An object.
     *
     * @param fields its fields in the order they were written
     */
    record Obj(Map<String, Json> fields) implements Json {
        /** Copies the map, order kept. */
        public Obj {
            fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        }

        /**
         * A field of any type.
         *
         * @param name its name
         * @return its value
         */
        public Optional<Json> find(String name) {
            return Optional.ofNullable(fields.get(name));
        }
    }

    /**
     * Text as a value.
     *
     * @param text the text
     * @return the value
     */
    static Json of(String text) {
        return new Text(text);
    }

    /**
     * A truth value.
     *
     * @param value which
     * @return {@link Bool#TRUE} or {@link Bool#FALSE}
     */
    static Json of(boolean value) {
        return value ? Bool.TRUE : Bool.FALSE;
    }

    /**
     * A whole number as a value.
     *
     * @param number the number
     * @return the value
     */
    static Json of(long number) {
        return new Num(number);
    }

    /**
     * A value of plain Java.
     *
     * @param value a {@link String}, a {@link Boolean}, a whole number, an {@link Iterable} of such values, or a {@link Map} of them
     *     by names, in its order
     * @return the value
     * @throws IllegalArgumentException if it is anything else
     */
    static Json ofPlain(Object value) {
        return switch (value) {
            case String text -> new Text(text);
            case Boolean bool -> of(bool.booleanValue());
            case Long number -> new Num(number);
            case Integer number -> new Num(number);
            case Short number -> new Num(number);
            case Byte number -> new Num(number);
            case Iterable<?> several -> {
                List<Json> items = new ArrayList<>();
                several.forEach(each -> items.add(ofPlain(each)));
                yield new Arr(items);
            }
            case Map<?, ?> named -> {
                Map<String, Json> fields = new LinkedHashMap<>();
                named.forEach((name, each) -> fields.put(String.valueOf(name), ofPlain(each)));
                yield new Obj(fields);
            }
            default -> throw new IllegalArgumentException("no value of JSON: a " + value.getClass().getSimpleName());
        };
    }

    /**
     * Reads a text. Strict where the standard leaves a choice: no name twice in an object, no unpaired surrogates, no byte order
     * mark, nothing after the value, numbers of bounded length.
     *
     * @param text hostile text
     * @param limits how much is read
     * @return its value
     * @throws JsonException if the text is anything else
     */
    static Json parse(String text, JsonLimits limits) throws JsonException {
        return new JsonReader(text, limits).whole();
    }

    /**
     * Reads a text as bytes, which must be UTF-8.
     *
     * @param text hostile bytes
     * @param limits how much is read
     * @return its value
     * @throws JsonException if the bytes are anything but UTF-8 of such a text
     */
    static Json parse(byte[] text, JsonLimits limits) throws JsonException {
        if (text.length > limits.maxChars()) {
            throw new JsonException(1, 1, "expected at most " + limits.maxChars() + " bytes of JSON, found " + text.length);
        }
        ByteBuffer bytes = ByteBuffer.wrap(text);
        try {
            return parse(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString(), limits);
        } catch (CharacterCodingException e) {
            String before = new String(text, 0, bytes.position(), StandardCharsets.UTF_8);
            throw JsonReader.at(before, before.length(), "expected UTF-8, found other bytes");
        }
    }

    /** {@return what kind of value it is, as JMESPath and people name it} */
    default String kind() {
        return switch (this) {
            case Null ignored -> "null";
            case Bool ignored -> "boolean";
            case Num ignored -> "number";
            case Text ignored -> "string";
            case Arr ignored -> "array";
            case Obj ignored -> "object";
        };
    }

    /**
     * The value as text: no spaces, fields in their order, numbers in one form for each value, only what must be escaped escaped.
     *
     * @return the text, without a bound: for values that were read
     */
    default String toText() {
        return toText(Integer.MAX_VALUE).orElseThrow();
    }

    /**
     * The value as text, as {@link #toText()}, if it is short enough.
     *
     * @param maxChars the most UTF-16 units
     * @return the text, or nothing if it is longer; no more work is done than that many units need
     */
    default Optional<String> toText(int maxChars) {
        JsonWriter writer = new JsonWriter(maxChars);
        return writer.write(this) ? Optional.of(writer.text()) : Optional.empty();
    }
}
