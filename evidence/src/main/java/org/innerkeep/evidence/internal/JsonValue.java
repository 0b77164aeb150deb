package org.innerkeep.evidence.internal;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * A value of a JSON text (RFC 8259) with the bytes it stands in, because makers sign those and not what they mean. Strict where the
 * standard leaves a choice: UTF-8 without byte order mark, no name twice in an object, no unpaired surrogates, bounded size, depth and
 * numbers.
 *
 * <p>Immutable, safe for use by several threads.
 */
public sealed interface JsonValue {
    /** The most bytes of a text. */
    int MAX_BYTES = 1 << 20;

    /** How deep arrays and objects may be nested. */
    int MAX_DEPTH = 24;

    /** {@return where the value begins, as a byte offset in the text} */
    int start();

    /** {@return where the value ends, as a byte offset in the text} */
    int end();

    /** An object. */
    record Obj(int start, int end, Map<String, JsonValue> fields) implements JsonValue {
        /** A field of any type. */
        public Optional<JsonValue> find(String name) {
            return Optional.ofNullable(fields.get(name));
        }

        /** A field that must be there. */
        public JsonValue get(String name) throws MalformedException {
            JsonValue found = fields.get(name);
            if (found == null) {
                throw new MalformedException(name, start, "expected this field in the JSON object, found none");
            }
            return found;
        }

        /** A field that must be text. */
        public String text(String name) throws MalformedException {
            if (get(name) instanceof Text text) {
                return text.value();
            }
            throw new MalformedException(name, start, "expected JSON text");
        }

        /** A field that must be a whole number within bounds. */
        public long integer(String name, long least, long most) throws MalformedException {
            if (get(name) instanceof Num number) {
                try {
                    long value = number.value().longValueExact();
                    if (value >= least && value <= most) {
                        return value;
                    }
                } catch (ArithmeticException e) {
                    // Falls through to the refusal.
                }
            }
            throw new MalformedException(name, start, "expected a whole JSON number from " + least + " to " + most);
        }

        /** A field that must be an object. */
        public Obj object(String name) throws MalformedException {
            if (get(name) instanceof Obj object) {
                return object;
            }
            throw new MalformedException(name, start, "expected a JSON object");
        }

        /** A field that must be an array of at most so many items. */
        public List<JsonValue> array(String name, int most) throws MalformedException {
            if (get(name) instanceof Arr array && array.items().size() <= most) {
                return array.items();
            }
            throw new MalformedException(name, start, "expected a JSON array of at most " + most + " items");
        }

        /** A field that must be so many bytes in hexadecimal of either case. */
        public Bytes hex(String name, int length) throws MalformedException {
            String text = text(name);
            if (text.length() == 2 * length) {
                try {
                    return Bytes.fromHex(text);
                } catch (IllegalArgumentException e) {
                    // Falls through to the refusal.
                }
            }
            throw new MalformedException(name, start, "expected " + length + " bytes in hexadecimal");
        }
    }

    /** An array. */
    record Arr(int start, int end, List<JsonValue> items) implements JsonValue {}

    /** Text. */
    record Text(int start, int end, String value) implements JsonValue {}

    /** A number. */
    record Num(int start, int end, BigDecimal value) implements JsonValue {}

    /** True or false. */
    record Flag(int start, int end, boolean value) implements JsonValue {}

    /** Null. */
    record Nil(int start, int end) implements JsonValue {}

    /**
     * Reads a text whose value is an object.
     *
     * @param field its name, for messages
     * @param text hostile bytes
     * @return the object
     * @throws MalformedException if the text is anything else
     */
    static Obj object(String field, byte[] text) throws MalformedException {
        if (parse(field, text) instanceof Obj object) {
            return object;
        }
        throw new MalformedException(field, 0, "expected a JSON object");
    }

    /**
     * Reads a text.
     *
     * @param field its name, for messages
     * @param text hostile bytes
     * @return its value
     * @throws MalformedException if it is not strict JSON
     */
    static JsonValue parse(String field, byte[] text) throws MalformedException {
        if (text.length > MAX_BYTES) {
            throw new MalformedException(field, -1, "expected at most " + MAX_BYTES + " bytes, found " + text.length);
        }
        Parser parser = new Parser(field, text);
        JsonValue value = parser.value(0);
        parser.space();
        if (parser.position < text.length) {
            throw parser.refuse("expected the end of the JSON text, found more");
        }
        return value;
    }

    /** The recursive descent; depth is bounded. */
    final class Parser {
        private static final int MAX_NUMBER_CHARS = 40;

        private final String field;
        private final byte[] text;
        private int position;

        private Parser(String field, byte[] text) {
            this.field = field;
            this.text = text;
        }

        private MalformedException refuse(String problem) {
            return new MalformedException(field, position, problem);
        }

        private int peek() {
            return position < text.length ? text[position] & 0xff : -1;
        }

        private void space() {
            while (position < text.length
                    && (text[position] == ' ' || text[position] == '\n' || text[position] == '\r' || text[position] == '\t')) {
                position++;
            }
        }

        private void expect(char wanted) throws MalformedException {
            space();
            if (peek() != wanted) {
                throw refuse("expected '" + wanted + "'");
            }
            position++;
        }

        private JsonValue value(int depth) throws MalformedException {
            space();
            if (depth > MAX_DEPTH) {
                throw refuse("expected JSON nested at most " + MAX_DEPTH + " deep");
            }
            int start = position;
            return switch (peek()) {
                case '{' -> object(depth);
                case '[' -> array(depth);
                case '"' -> {
                    String value = string();
                    yield new Text(start, position, value);
                }
                case 't' -> {
                    word("true");
                    yield new Flag(start, position, true);
                }
                case 'f' -> {
                    word("false");
                    yield new Flag(start, position, false);
                }
                case 'n' -> {
                    word("null");
                    yield new Nil(start, position);
                }
                default -> number();
            };
        }

        private Obj object(int depth) throws MalformedException {
            int start = position;
            position++;
            Map<String, JsonValue> fields = new LinkedHashMap<>();
            space();
            if (peek() == '}') {
                position++;
                return new Obj(start, position, Map.of());
            }
            while (true) {
                space();
                int at = position;
                String name = string();
                expect(':');
                JsonValue value = value(depth + 1);
                if (fields.putIfAbsent(name, value) != null) {
                    position = at;
                    throw refuse("expected every name once in a JSON object, found one twice");
                }
                space();
                if (peek() == '}') {
                    position++;
                    return new Obj(start, position, Collections.unmodifiableMap(fields));
                }
                expect(',');
            }
        }

        private Arr array(int depth) throws MalformedException {
            int start = position;
            position++;
            List<JsonValue> items = new ArrayList<>();
            space();
            if (peek() == ']') {
                position++;
                return new Arr(start, position, List.of());
            }
            while (true) {
                items.add(value(depth + 1));
                space();
                if (peek() == ']') {
                    position++;
                    return new Arr(start, position, Collections.unmodifiableList(items));
                }
                expect(',');
            }
        }

        private void word(String wanted) throws MalformedException {
            byte[] bytes = wanted.getBytes(StandardCharsets.US_ASCII);
            if (text.length - position < bytes.length
                    || !Arrays.equals(text, position, position + bytes.length, bytes, 0, bytes.length)) {
                throw refuse("expected a JSON value");
            }
            position += bytes.length;
        }

        private boolean digit() {
            return peek() >= '0' && peek() <= '9';
        }

        private void digits() throws MalformedException {
            if (!digit()) {
                throw refuse("expected a JSON value");
            }
            while (digit()) {
                position++;
            }
        }

        private Num number() throws MalformedException {
            int start = position;
            if (peek() == '-') {
                position++;
            }
            if (peek() == '0') {
                position++;
            } else {
                digits();
            }
            if (peek() == '.') {
                position++;
                digits();
            }
            if (peek() == 'e' || peek() == 'E') {
                position++;
                if (peek() == '+' || peek() == '-') {
                    position++;
                }
                int exponent = position;
                digits();
                if (position - exponent > 3) {
                    throw refuse("expected a JSON number with an exponent of at most 3 digits");
                }
            }
            if (position - start > MAX_NUMBER_CHARS) {
                throw refuse("expected a JSON number of at most " + MAX_NUMBER_CHARS + " characters");
            }
            return new Num(start, position, new BigDecimal(new String(text, start, position - start, StandardCharsets.US_ASCII)));
        }

        private String string() throws MalformedException {
            if (peek() != '"') {
                throw refuse("expected JSON text in quotes");
            }
            position++;
            StringBuilder result = new StringBuilder();
            while (true) {
                int run = position;
                while (position < text.length && text[position] != '"' && text[position] != '\\' && (text[position] & 0xff) >= 0x20) {
                    position++;
                }
                result.append(utf8(run));
                switch (peek()) {
                    case '"' -> {
                        position++;
                        checkSurrogates(result);
                        return result.toString();
                    }
                    case '\\' -> {
                        position++;
                        result.append(escape());
                    }
                    case -1 -> throw refuse("expected the end of a JSON text, found the end of the bytes");
                    default -> throw refuse("expected no control characters in a JSON text");
                }
            }
        }

        private String utf8(int from) throws MalformedException {
            try {
                return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text, from, position - from)).toString();
            } catch (CharacterCodingException e) {
                position = from;
                throw refuse("expected UTF-8, found other bytes");
            }
        }

        private char escape() throws MalformedException {
            int found = peek();
            position++;
            return switch (found) {
                case '"' -> '"';
                case '\\' -> '\\';
                case '/' -> '/';
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> {
                    int value = 0;
                    for (int i = 0; i < 4; i++, position++) {
                        int digit = Character.digit(position < text.length ? text[position] : -1, 16);
                        if (digit < 0) {
                            throw refuse("expected four hexadecimal digits after \\u");
                        }
                        value = value << 4 | digit;
                    }
                    yield (char) value;
                }
                default -> throw refuse("expected a JSON escape after a backslash");
            };
        }

        private void checkSurrogates(CharSequence value) throws MalformedException {
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (Character.isHighSurrogate(c) && i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))) {
                    i++;
                } else if (Character.isSurrogate(c)) {
                    throw refuse("expected paired surrogates in a JSON text");
                }
            }
        }
    }
}
