package org.innerkeep.cli.text;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;

/**
 * Writes JSON (RFC 8259): maps as objects in their order, collections as arrays, text, numbers and truth values. Everything
 * that is not printable ASCII is escaped, so that the text is the same in every encoding.
 */
public final class JsonText {
    private final StringBuilder out = new StringBuilder();

    private JsonText() {}

    /**
     * Writes one value, indented, with a line end after it.
     *
     * @throws IllegalArgumentException for a value of another kind, or a number that JSON does not have
     */
    public static String of(Object value) {
        JsonText text = new JsonText();
        text.value(value, "\n");
        return text.out.append('\n').toString();
    }

    private void value(Object value, String line) {
        switch (value) {
            case Map<?, ?> map -> items(map.entrySet(), '{', '}', line);
            case Collection<?> list -> items(list, '[', ']', line);
            case Map.Entry<?, ?> field -> {
                text(String.valueOf(field.getKey()));
                out.append(": ");
                value(field.getValue(), line);
            }
            case String text -> text(text);
            case Boolean flag -> out.append(flag);
            case Integer number -> out.append(number);
            case Long number -> out.append(number);
            case Double number when Double.isFinite(number) -> out.append(number);
            default -> throw new IllegalArgumentException("JSON has no " + value.getClass().getSimpleName() + " like this");
        }
    }

    private void items(Collection<?> items, char open, char close, String line) {
        out.append(open);
        String inside = line + "  ";
        for (Iterator<?> each = items.iterator(); each.hasNext(); ) {
            out.append(inside);
            value(each.next(), inside);
            out.append(each.hasNext() ? "," : line);
        }
        out.append(close);
    }

    private void text(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= ' ' && c <= '~') {
                out.append(c);
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        out.append('"');
    }
}
