package org.innerkeep.evidence;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The value of a claim, as appraisal policies see it: text, a whole number, true or false, several values, or values by name.
 * Bytes are text in lower-case hexadecimal unless the claim's name says otherwise.
 *
 * <p>Immutable, safe for use by several threads. {@link #toString} is for people; text in it is as the evidence has it and is
 * to be escaped before it is printed.
 */
public sealed interface ClaimValue {
    /**
     * The value in plain Java, for whoever writes it in another form.
     *
     * @return a {@link String}, a {@link Long}, a {@link Boolean}, a {@link List} of such values, or a {@link Map} of them by name, in
     *     its order
     */
    Object plain();

    /**
     * Text.
     *
     * @param value the text
     */
    record Text(String value) implements ClaimValue {
        @Override
        public String plain() {
            return value;
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /**
     * A whole number.
     *
     * @param value the number
     */
    record Int(long value) implements ClaimValue {
        @Override
        public Long plain() {
            return value;
        }

        @Override
        public String toString() {
            return Long.toString(value);
        }
    }

    /**
     * True or false.
     *
     * @param value which of them
     */
    record Flag(boolean value) implements ClaimValue {
        @Override
        public Boolean plain() {
            return value;
        }

        @Override
        public String toString() {
            return Boolean.toString(value);
        }
    }

    /**
     * Several values in their order.
     *
     * @param values the values
     */
    record Many(List<ClaimValue> values) implements ClaimValue {
        /** Copies the values. */
        public Many {
            values = List.copyOf(values);
        }

        @Override
        public List<Object> plain() {
            return values.stream().map(ClaimValue::plain).toList();
        }

        @Override
        public String toString() {
            return values.stream().map(ClaimValue::toString).collect(Collectors.joining(", "));
        }
    }

    /**
     * Values by name, in their order.
     *
     * @param values the values
     */
    record Group(Map<String, ClaimValue> values) implements ClaimValue {
        /** Copies the values. */
        public Group {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }

        @Override
        public Map<String, Object> plain() {
            Map<String, Object> all = new LinkedHashMap<>();
            values.forEach((name, value) -> all.put(name, value.plain()));
            return all;
        }

        @Override
        public String toString() {
            return values.entrySet().stream()
                    .map(each -> each.getKey() + "=" + each.getValue())
                    .collect(Collectors.joining(", ", "{", "}"));
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
     * Bytes, as lower-case hexadecimal text.
     *
     * @param value the bytes
     * @return the value
     */
    static ClaimValue of(Bytes value) {
        return new Text(value.hex());
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
        return new Flag(value);
    }

    /**
     * Several texts.
     *
     * @param values the texts
     * @return the value
     */
    static ClaimValue ofTexts(Iterable<String> values) {
        List<ClaimValue> all = new ArrayList<>();
        values.forEach(each -> all.add(new Text(each)));
        return new Many(all);
    }

    /**
     * An unsigned number of 64 bits that is a set of flags, as {@code 0x} and 16 lower-case digits: policies compare it as text.
     *
     * @param value the flags
     * @return the value
     */
    static ClaimValue ofFlags(long value) {
        return new Text("0x" + HexFormat.of().toHexDigits(value));
    }
}
