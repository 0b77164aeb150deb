package org.innerkeep.policy.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import org.innerkeep.policy.json.Json.Arr;
import org.innerkeep.policy.json.Json.Bool;
import org.innerkeep.policy.json.Json.Null;
import org.innerkeep.policy.json.Json.Num;
import org.innerkeep.policy.json.Json.Obj;
import org.innerkeep.policy.json.Json.Text;

/** Writes compact JSON up to a length. Every value writes at least one unit, so the length bounds the work as well. */
final class JsonWriter {
    /** Whole numbers longer than this are written with an exponent. */
    private static final int MAX_PLAIN_DIGITS = 40;

    private final int most;
    private final StringBuilder out = new StringBuilder();

    JsonWriter(int most) {
        this.most = most;
    }

    String text() {
        return out.toString();
    }

    /** Writes a value; false once the text is too long. */
    boolean write(Json value) {
        switch (value) {
            case Null ignored -> out.append("null");
            case Bool flag -> out.append(flag.value());
            case Num number -> out.append(number(number.value()));
            case Text text -> {
                return text(text.value());
            }
            case Arr array -> {
                out.append('[');
                boolean first = true;
                for (Json item : array.items()) {
                    comma(first);
                    first = false;
                    if (!write(item)) {
                        return false;
                    }
                }
                out.append(']');
            }
            case Obj object -> {
                out.append('{');
                boolean first = true;
                for (Map.Entry<String, Json> field : object.fields().entrySet()) {
                    comma(first);
                    first = false;
                    if (!text(field.getKey())) {
                        return false;
                    }
                    out.append(':');
                    if (!write(field.getValue())) {
                        return false;
                    }
                }
                out.append('}');
            }
        }
        return out.length() <= most;
    }

    private void comma(boolean first) {
        if (!first) {
            out.append(',');
        }
    }

    /** One text for each number: 100, 1E2 and 100.0 are all {@code 100}. */
    static String number(BigDecimal value) {
        BigDecimal shortest = value.stripTrailingZeros();
        if (shortest.scale() <= 0 && shortest.precision() - shortest.scale() <= MAX_PLAIN_DIGITS) {
            BigInteger whole = shortest.toBigIntegerExact();
            return whole.toString();
        }
        return shortest.toString();
    }

    private boolean text(String text) {
        if (text.length() > most - out.length()) {
            return false;
        }
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || (Character.isSurrogate(c) && !paired(text, i))) {
                        escape(c);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
        return out.length() <= most;
    }

    private void escape(char c) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(Character.forDigit(c >> shift & 0xF, 16));
        }
    }

    private static boolean paired(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
                : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }
}
