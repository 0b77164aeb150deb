package org.innerkeep.channel.job;

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
final class Json {
    /** Bytes of the largest text accepted; it bounds everything that reading allocates. */
    static final int MAX_BYTES = 256 * 1024;

    /** How deep arrays and objects may be nested. */
    static final int MAX_DEPTH = 8;

    private static final int MAX_NUMBER_CHARS = 32;
    private static final int MAX_NUMBER_DIGITS = 20;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,3})?");

    /** A value and where it begins, as an index into the text. */
    sealed interface Value {
        int at();
    }

    record Obj(int at, Map<String, Value> fields) implements Value {}

    record Array(int at, List<Value> items) implements Value {}

    record Text(int at, String value) implements Value {}

    record Decimal(int at, BigDecimal value) implements Value {}

    record Flag(int at, boolean value) implements Value {}

    record Null(int at) implements Value {}

    private final String text;
    private int position;

    private Json(String text) {
        this.text = text;
    }

    /** Decodes the bytes, refusing them by their number before anything else. */
    static Json decode(byte[] bytes) throws JobException {
        if (bytes.length > MAX_BYTES) {
            throw new JobException(0, 0, "found " + bytes.length + " bytes, at most " + MAX_BYTES + " are accepted");
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

    /** Reads the one value that the text must consist of. */
    Value read() throws JobException {
        Value value = value(0);
        space();
        if (position < text.length()) {
            throw refuse(position, "expected the end, found more");
        }
        return value;
    }

    /** A refusal that names the line and column of an index. */
    JobException refuse(int at, String problem) {
        int line = 1;
        int start = 0;
        for (int newline = text.indexOf('\n'); newline >= 0 && newline < at; newline = text.indexOf('\n', start)) {
            line++;
            start = newline + 1;
        }
        return new JobException(line, text.codePointCount(start, at) + 1, problem);
    }

    /** Shortens and escapes text from outside, so that a message cannot be made to look like another. */
    static String quote(String outside) {
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

    private Value value(int depth) throws JobException {
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

    private Obj object(int depth) throws JobException {
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

    private Array array(int depth) throws JobException {
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

    private boolean continues(char bracket) throws JobException {
        if (closes(bracket)) {
            return false;
        }
        if (position == text.length() || text.charAt(position) != ',') {
            throw refuse(position, "expected ',' or '" + bracket + "'");
        }
        position++;
        return true;
    }

    private String string() throws JobException {
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

    private char escaped() throws JobException {
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

    private void checkSurrogates(CharSequence value, int at) throws JobException {
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

    private Decimal number() throws JobException {
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

    private int literal(String word) throws JobException {
        int at = position;
        if (!text.startsWith(word, at)) {
            throw refuse(at, "expected a value");
        }
        position += word.length();
        return at;
    }

    private void expect(char wanted) throws JobException {
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
