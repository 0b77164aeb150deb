package org.innerkeep.evidence;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Just enough JSON to read published test vectors. */
public final class Json {
    private final Object value;

    private Json(Object value) {
        this.value = value;
    }

    public static Json parse(String text) {
        return new Json(new Parser(text).value());
    }

    public Json get(String key) {
        Object found = value instanceof Map<?, ?> map ? map.get(key) : null;
        if (found == null) {
            throw new IllegalArgumentException("no " + key);
        }
        return new Json(found);
    }

    public boolean has(String key) {
        return value instanceof Map<?, ?> map && map.containsKey(key);
    }

    public String text(String key) {
        return get(key).value.toString();
    }

    public List<Json> list(String key) {
        List<Json> items = new ArrayList<>();
        if (get(key).value instanceof List<?> list) {
            for (Object item : list) {
                items.add(new Json(item));
            }
        }
        return items;
    }

    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        Object value() {
            return switch (next()) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                default -> word();
            };
        }

        private Map<String, Object> object() {
            Map<String, Object> members = new LinkedHashMap<>();
            at++;
            while (next() != '}') {
                next();
                String key = string();
                expect(':');
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
            expect('"');
            StringBuilder result = new StringBuilder();
            while (text.charAt(at) != '"') {
                char c = text.charAt(at++);
                if (c != '\\') {
                    result.append(c);
                } else if (text.charAt(at) == 'u') {
                    result.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 5;
                } else {
                    result.append(text.charAt(at++));
                }
            }
            at++;
            return result.toString();
        }

        private String word() {
            int start = at;
            while ("+-.0123456789abcdefghijklmnopqrstuvwxyzE".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return text.substring(start, at);
        }

        private char next() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.charAt(at);
        }

        private void expect(char wanted) {
            if (next() != wanted) {
                throw new IllegalArgumentException("expected " + wanted + " at " + at);
            }
            at++;
        }
    }
}
