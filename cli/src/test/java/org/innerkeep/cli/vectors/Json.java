package org.innerkeep.cli.vectors;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** As much of JSON as the vectors use: objects, arrays, texts, true and false. Written in one form, and read back. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value, "\n");
        return out.append('\n').toString();
    }

    private static void write(StringBuilder out, Object value, String indent) {
        switch (value) {
            case Map<?, ?> map -> {
                String separator = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(separator).append(indent).append("  ");
                    text(out, String.valueOf(entry.getKey()));
                    write(out.append(": "), entry.getValue(), indent + "  ");
                    separator = ",";
                }
                out.append(map.isEmpty() ? "{}" : indent + "}");
            }
            case List<?> list -> {
                // Short things on one line, so that the files stay readable.
                boolean flat = list.stream().noneMatch(each -> each instanceof Map || each instanceof List);
                out.append('[');
                for (Iterator<?> each = list.iterator(); each.hasNext(); ) {
                    out.append(flat ? "" : indent + "  ");
                    write(out, each.next(), indent + "  ");
                    out.append(each.hasNext() ? flat ? ", " : "," : "");
                }
                out.append(flat ? "]" : indent + "]");
            }
            case Boolean flag -> out.append(flag);
            case String string -> text(out, string);
            default -> throw new IllegalArgumentException("not in vectors: " + value.getClass());
        }
    }

    private static void text(StringBuilder out, String value) {
        out.append('"');
        for (char c : value.toCharArray()) {
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                default -> out.append(c < ' ' || c > '~' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        out.append('"');
    }

    static Object read(String text) {
        return new Json(text).value();
    }

    private Object value() {
        return switch (next()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            default -> throw new IllegalArgumentException("no value at " + at);
        };
    }

    private Boolean word(String wanted, boolean value) {
        if (!text.startsWith(wanted, at)) {
            throw new IllegalArgumentException("expected " + wanted + " at " + at);
        }
        at += wanted.length();
        return value;
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        while (next() != '}') {
            String key = string();
            if (next() != ':') {
                throw new IllegalArgumentException("expected : at " + at);
            }
            at++;
            members.put(key, value());
            if (next() == ',') {
                at++;
            }
        }
        at++;
        return members;
    }

    private List<Object> array() {
        List<Object> items = new ArrayList<>();
        at++;
        while (next() != ']') {
            items.add(value());
            if (next() == ',') {
                at++;
            }
        }
        at++;
        return items;
    }

    private String string() {
        StringBuilder value = new StringBuilder();
        for (at++; text.charAt(at) != '"'; at++) {
            char c = text.charAt(at);
            if (c == '\\') {
                c = text.charAt(++at);
                if (c == 'n') {
                    c = '\n';
                } else if (c == 'u') {
                    c = (char) Integer.parseInt(text, at + 1, at + 5, 16);
                    at += 4;
                }
            }
            value.append(c);
        }
        at++;
        return value.toString();
    }

    private char next() {
        while (Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return text.charAt(at);
    }
}
