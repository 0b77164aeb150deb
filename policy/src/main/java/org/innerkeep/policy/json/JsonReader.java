package org.innerkeep.policy.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The recursive descent; depth, values and numbers are bounded. One text, one thread. */
final class JsonReader {
    /** The most characters of a number. */
    static final int MAX_NUMBER_CHARS = 64;

    private static final int MAX_EXPONENT_DIGITS = 3;
    private static final int END = -1;

    private final String text;
    private final JsonLimits limits;
    private int position;
    private int values;

    JsonReader(String text, JsonLimits limits) {
        this.text = text;
        this.limits = limits;
    }

    /** The only value of the text. */
    Json whole() throws JsonException {
        if (text.length() > limits.maxChars()) {
            throw refuse("expected at most " + limits.maxChars() + " characters of JSON, found " + text.length());
        }
        Json value = value(0);
        space();
        if (position < text.length()) {
            throw refuse("expected the end of the JSON text, found more");
        }
        return value;
    }

    static JsonException at(String text, int position, String problem) {
        int line = 1;
        int start = 0;
        for (int i = 0; i < position; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                start = i + 1;
            }
        }
        return new JsonException(line, position - start + 1, problem);
    }

    private JsonException refuse(String problem) {
        return at(text, position, problem);
    }

    private int peek() {
        return position < text.length() ? text.charAt(position) : END;
    }

    private void space() {
        while (position < text.length() && " \n\r\t".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
    }

    private void expect(char wanted) throws JsonException {
        space();
        if (peek() != wanted) {
            throw refuse("expected '" + wanted + "'");
        }
        position++;
    }

    private Json value(int depth) throws JsonException {
        space();
        if (++values > limits.maxValues()) {
            throw refuse("expected at most " + limits.maxValues() + " JSON values");
        }
        return switch (peek()) {
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case '"' -> new Json.Text(string());
            case 't' -> word("true", Json.Bool.TRUE);
            case 'f' -> word("false", Json.Bool.FALSE);
            case 'n' -> word("null", Json.Null.NULL);
            default -> number();
        };
    }

    private void enter(int depth) throws JsonException {
        if (depth > limits.maxDepth()) {
            throw refuse("expected JSON nested at most " + limits.maxDepth() + " deep");
        }
        position++;
        space();
    }

    private Json object(int depth) throws JsonException {
        enter(depth);
        Map<String, Json> fields = new LinkedHashMap<>();
        if (peek() == '}') {
            position++;
            return new Json.Obj(fields);
        }
        while (true) {
            space();
            int at = position;
            String name = string();
            expect(':');
            if (fields.putIfAbsent(name, value(depth)) != null) {
                position = at;
                throw refuse("expected every name once in a JSON object, found this one twice");
            }
            space();
            if (peek() == '}') {
                position++;
                return new Json.Obj(fields);
            }
            expect(',');
        }
    }

    private Json array(int depth) throws JsonException {
        enter(depth);
        List<Json> items = new ArrayList<>();
        if (peek() == ']') {
            position++;
            return new Json.Arr(items);
        }
        while (true) {
            items.add(value(depth));
            space();
            if (peek() == ']') {
                position++;
                return new Json.Arr(items);
            }
            expect(',');
        }
    }

    private Json word(String word, Json meaning) throws JsonException {
        if (!text.startsWith(word, position)) {
            throw refuse("expected a JSON value");
        }
        position += word.length();
        return meaning;
    }

    private boolean digit() {
        return peek() >= '0' && peek() <= '9';
    }

    private void digits() throws JsonException {
        if (!digit()) {
            throw refuse(position < text.length() ? "expected a JSON value" : "expected a JSON value, found the end of the text");
        }
        while (digit()) {
            position++;
        }
    }

    private Json number() throws JsonException {
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
            if (position - exponent > MAX_EXPONENT_DIGITS) {
                position = exponent;
                throw refuse("expected an exponent of at most " + MAX_EXPONENT_DIGITS + " digits");
            }
        }
        if (position - start > MAX_NUMBER_CHARS) {
            position = start;
            throw refuse("expected a number of at most " + MAX_NUMBER_CHARS + " characters");
        }
        return new Json.Num(new BigDecimal(text.substring(start, position)));
    }

    private String string() throws JsonException {
        if (peek() != '"') {
            throw refuse("expected text in double quotes");
        }
        position++;
        int run = position;
        StringBuilder escaped = new StringBuilder();
        while (true) {
            int c = peek();
            if (c == '"') {
                String result = escaped.append(text, run, position).toString();
                position++;
                return result;
            }
            if (c == '\\') {
                escaped.append(text, run, position);
                position++;
                escape(escaped);
                run = position;
            } else if (c == END) {
                throw refuse("expected the end of a text in quotes, found the end of everything");
            } else if (c < ' ') {
                throw refuse("expected no control character in a text in quotes; write it as an escape");
            } else {
                character();
            }
        }
    }

    /** Steps over one character, which may be a pair of surrogates. */
    private void character() throws JsonException {
        int codePoint = text.codePointAt(position);
        if (codePoint <= Character.MAX_VALUE && Character.isSurrogate((char) codePoint)) {
            throw refuse("expected paired surrogates");
        }
        position += Character.charCount(codePoint);
    }

    private void escape(StringBuilder into) throws JsonException {
        int found = peek();
        position++;
        switch (found) {
            case '"', '\\', '/' -> into.append((char) found);
            case 'b' -> into.append('\b');
            case 'f' -> into.append('\f');
            case 'n' -> into.append('\n');
            case 'r' -> into.append('\r');
            case 't' -> into.append('\t');
            case 'u' -> {
                char first = unit();
                into.append(first);
                if (Character.isSurrogate(first)) {
                    if (!Character.isHighSurrogate(first) || !text.startsWith("\\u", position)) {
                        throw refuse("expected paired surrogates");
                    }
                    position += 2;
                    char second = unit();
                    if (!Character.isLowSurrogate(second)) {
                        throw refuse("expected paired surrogates");
                    }
                    into.append(second);
                }
            }
            default -> {
                position--;
                throw refuse("expected one of \" \\ / b f n r t u after a backslash");
            }
        }
    }

    private char unit() throws JsonException {
        int value = 0;
        for (int i = 0; i < 4; i++, position++) {
            int digit = peek() < 0x80 ? Character.digit(peek(), 16) : -1;
            if (digit < 0) {
                throw refuse("expected four hexadecimal digits after \\u");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }
}
