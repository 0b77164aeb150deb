package org.innerkeep.channel.internal.json;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A strict reader of JSON (RFC 8259) that keeps the place of every value. Stricter than the standard where it leaves a
 * choice: UTF-8 without byte order mark, no field twice, no unpaired surrogate, bounded size, depth and numbers.
 */
public final class Json {
    /** Bytes of the largest text accepted; it bounds everything that reading allocates. */
    public static final int MAX_BYTES = 256 * 1024;

    /** How deep arrays and objects may be nested. */
    public static final int MAX_DEPTH = 8;

    private static final int MAX_NUMBER_CHARS = 32;
    private static final int MAX_NUMBER_DIGITS = 20;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,3})?");

    /** A value and where it begins, as an index into the text. */
    public sealed interface Value {
        /** {@return where it begins} */
        int at();
    }

    /**
     * An object.
     *
     * @param at where it begins
     * @param fields in their order
     */
    public record Obj(int at, Map<String, Value> fields) implements Value {}

    /**
     * An array.
     *
     * @param at where it begins
     * @param items in their order
     */
    public record Array(int at, List<Value> items) implements Value {}

    /**
     * A string.
     *
     * @param at where it begins
     * @param value without its escapes
     */
    public record Text(int at, String value) implements Value {}

    /**
     * A number.
     *
     * @param at where it begins
     * @param value exactly as it was written
     */
    public record Decimal(int at, BigDecimal value) implements Value {}

    /**
     * True or false.
     *
     * @param at where it begins
     * @param value which
     */
    public record Flag(int at, boolean value) implements Value {}

    /**
     * Null.
     *
     * @param at where it begins
     */
    public record Null(int at) implements Value {}

    private final String text;
    private int position;

    private Json(String text) {
        this.text = text;
    }

    /**
     * Decodes the bytes, refusing them by their number before anything else.
     *
     * @param bytes hostile, at most {@link #MAX_BYTES}
     * @return the text, to be read
     * @throws JsonException if they are too many, or no UTF-8
     */
    public static Json decode(byte[] bytes) throws JsonException {
        if (bytes.length > MAX_BYTES) {
            throw new JsonException(0, 0, "found " + bytes.length + " bytes, at most " + MAX_BYTES + " are accepted");
        }
        ByteBuffer input = ByteBuffer.wrap(bytes);
        try {
            return new Json(StandardCharsets.UTF_8.newDecoder().decode(input).toString());
        } catch (CharacterCodingException e) {
            // The decoder leaves its input at the fault, and everything before it is well formed.
            String before = new String(bytes, 0, input.position(), StandardCharsets.UTF_8);
            throw new Json(before).refuse(before.length(), "expected UTF-8, found other bytes");
        }
    }

    /**
     * Reads the one value that the text must consist of.
     *
     * @return the value
     * @throws JsonException if the text is anything else
     */
    public Value read() throws JsonException {
        Value value = value(0);
        space();
        if (position < text.length()) {
            throw refuse(position, "expected the end, found more");
        }
        return value;
    }

    /**
     * A refusal that names the line and column of an index.
     *
     * @param at the index
     * @param problem what is wrong there
     * @return the refusal
     */
    public JsonException refuse(int at, String problem) {
        int line = 1;
        int start = 0;
        for (int newline = text.indexOf('\n'); newline >= 0 && newline < at; newline = text.indexOf('\n', start)) {
            line++;
            start = newline + 1;
        }
        return new JsonException(line, text.codePointCount(start, at) + 1, problem);
    }

    /**
     * Shortens and escapes text from outside, so that a message cannot be made to look like another.
     *
     * @param outside hostile
     * @return the text in quotes, at most 40 characters of it
     */
    public static String quote(String outside) {
        StringBuilder shown = new StringBuilder("\"");
        for (int i = 0; i < Math.min(outside.length(), 40); i++) {
            char c = outside.charAt(i);
            if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
                shown.append(c);
            } else {
                shown.append(String.format("\\u%04x", (int) c));
            }
        }
        return shown.append(outside.length() > 40 ? "…\"" : "\"").toString();
    }

    private Value value(int depth) throws JsonException {
        space();
        int at = position;
        if (at == text.length()) {
            throw refuse(at, "expected a value, found the end");
        }
        if (depth > MAX_DEPTH) {
            throw refuse(at, "nested deeper than " + MAX_DEPTH);
        }
        return switch (text.charAt(at)) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> new Text(at, string());
            case 't' -> new Flag(literal("true"), true);
            case 'f' -> new Flag(literal("false"), false);
            case 'n' -> new Null(literal("null"));
            default -> number();
        };
    }

    private Obj object(int depth) throws JsonException {
        int at = position++;
        Map<String, Value> fields = new LinkedHashMap<>();
        if (!closes('}')) {
            do {
                space();
                int nameAt = position;
                if (nameAt == text.length() || text.charAt(nameAt) != '"') {
                    throw refuse(nameAt, "expected the name of a field in quotes");
                }
                String name = string();
                space();
                expect(':');
                if (fields.putIfAbsent(name, value(depth + 1)) != null) {
                    throw refuse(nameAt, "field " + quote(name) + " comes twice");
                }
            } while (continues('}'));
        }
        return new Obj(at, Collections.unmodifiableMap(fields));
    }

    private Array array(int depth) throws JsonException {
        int at = position++;
        List<Value> items = new ArrayList<>();
        if (!closes(']')) {
            do {
                items.add(value(depth + 1));
            } while (continues(']'));
        }
        return new Array(at, Collections.unmodifiableList(items));
    }

    private boolean closes(char bracket) {
        space();
        if (position < text.length() && text.charAt(position) == bracket) {
            position++;
            return true;
        }
        return false;
    }

    private boolean continues(char bracket) throws JsonException {
        if (closes(bracket)) {
            return false;
        }
        if (position == text.length() || text.charAt(position) != ',') {
            throw refuse(position, "expected ',' or '" + bracket + "'");
        }
        position++;
        return true;
    }

    private String string() throws JsonException {
        int at = position++;
        StringBuilder value = new StringBuilder();
        while (position < text.length()) {
            char c = text.charAt(position++);
            if (c == '"') {
                checkSurrogates(value, at);
                return value.toString();
            } else if (c < ' ') {
                throw refuse(position - 1, "expected control characters to be escaped");
            }
            value.append(c == '\\' ? escaped() : c);
        }
        throw refuse(at, "expected a closing quote, found the end");
    }

    private char escaped() throws JsonException {
        int at = position - 1;
        if (position == text.length()) {
            throw refuse(at, "expected an escape, found the end");
        }
        return switch (text.charAt(position++)) {
            case '"' -> '"';
            case '\\' -> '\\';
            case '/' -> '/';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int unit = 0;
                for (int i = 0; i < 4; i++) {
                    // Not Character.digit, which also takes digits of other scripts.
                    int digit = position < text.length() ? "0123456789abcdef".indexOf(lower(text.charAt(position++))) : -1;
                    if (digit < 0) {
                        throw refuse(at, "expected four hexadecimal digits after \\u");
                    }
                    unit = unit << 4 | digit;
                }
                yield (char) unit;
            }
            default -> throw refuse(at, "found an escape that JSON does not have");
        };
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'F' ? (char) (c + 32) : c;
    }

    private void checkSurrogates(CharSequence value, int at) throws JsonException {
        for (int i = 0; i < value.length(); i++) {
            if (Character.isHighSurrogate(value.charAt(i))
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(value.charAt(i))) {
                throw refuse(at, "found half of a surrogate pair");
            }
        }
    }

    private Decimal number() throws JsonException {
        int at = position;
        while (position < text.length() && "+-.0123456789Ee".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
        if (position == at) {
            throw refuse(at, "expected a value");
        }
        String digits = text.substring(at, Math.min(position, at + MAX_NUMBER_CHARS + 1));
        if (digits.length() > MAX_NUMBER_CHARS) {
            throw refuse(at, "found a number of more than " + MAX_NUMBER_CHARS + " characters");
        }
        if (!NUMBER.matcher(digits).matches()) {
            throw refuse(at, "expected a number, found " + quote(digits));
        }
        BigDecimal value = new BigDecimal(digits);
        if (value.precision() > MAX_NUMBER_DIGITS) {
            throw refuse(at, "found a number of more than " + MAX_NUMBER_DIGITS + " significant digits");
        }
        if (Double.isInfinite(value.doubleValue())) {
            throw refuse(at, "found a number beyond the range of double precision");
        }
        return new Decimal(at, value);
    }

    private int literal(String word) throws JsonException {
        int at = position;
        if (!text.startsWith(word, at)) {
            throw refuse(at, "expected a value");
        }
        position += word.length();
        return at;
    }

    private void expect(char wanted) throws JsonException {
        if (position == text.length() || text.charAt(position) != wanted) {
            throw refuse(position, "expected '" + wanted + "'");
        }
        position++;
    }

    private void space() {
        while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
    }
}
