package org.innerkeep.policy;

import java.util.Map;
import org.innerkeep.policy.json.Json;

/**
 * The value of a claim: text, a whole number, true or false. Values of different kinds are never the same, so {@code "1"} is
 * not {@code 1}.
 */
public sealed interface ClaimValue {
    /**
     * The kind of value as policies write it.
     *
     * @return {@code String}, {@code Integer} or {@code Boolean}
     */
    String valueType();

    /**
     * Text.
     *
     * @param value the text
     */
    record Text(String value) implements ClaimValue {
        @Override
        public String valueType() {
            return "String";
        }
    }

    /**
     * A whole number.
     *
     * @param value the number
     */
    record Int(long value) implements ClaimValue {
        @Override
        public String valueType() {
            return "Integer";
        }
    }

    /**
     * True or false.
     *
     * @param value which of them
     */
    record Bool(boolean value) implements ClaimValue {
        @Override
        public String valueType() {
            return "Boolean";
        }
    }

    /**
     * Text.
     *
     * @param value the text
     * @return the value
     */
    static ClaimValue of(String value) {
        return new Text(value);
    }

    /**
     * A whole number.
     *
     * @param value the number
     * @return the value
     */
    static ClaimValue of(long value) {
        return new Int(value);
    }

    /**
     * True or false.
     *
     * @param value which of them
     * @return the value
     */
    static ClaimValue of(boolean value) {
        return new Bool(value);
    }

    /**
     * A value of plain Java.
     *
     * @param value a {@link String}, a {@link Boolean}, a {@link Long}, an {@link Integer}, a {@link Short} or a {@link Byte}; or a
     *     {@link Map} of values by name, which becomes JSON in text
     * @return the value
     * @throws IllegalArgumentException if it is anything else
     */
    static ClaimValue ofPlain(Object value) {
        return switch (value) {
            case String text -> new Text(text);
            case Boolean bool -> new Bool(bool);
            case Long number -> new Int(number);
            case Integer number -> new Int(number);
            case Short number -> new Int(number);
            case Byte number -> new Int(number);
            case Map<?, ?> named -> new Text(Json.ofPlain(named).toText());
            default ->
                throw new IllegalArgumentException(
                        "a claim's value is text, a whole number of 64 bits, true or false, not a "
                                + value.getClass().getSimpleName());
        };
    }
}
