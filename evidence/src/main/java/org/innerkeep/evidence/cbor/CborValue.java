package org.innerkeep.evidence.cbor;

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
import org.jspecify.annotations.Nullable;

/**
 * An item of CBOR that others wrote, with the bytes it stands in. Map keys may come in any order, since only we write ours in one
 * order; what no maker needs is refused: keys other than integers and text, a key twice in a map, text that is not UTF-8, floating
 * point, undefined, integers above 64 bits with sign, and more than {@link #MAX_ITEMS} items or {@link #MAX_DEPTH} levels. Our own
 * formats are read by {@link CborReader}, which is stricter.
 *
 * <p>Immutable, safe for use by several threads.
 */
public sealed interface CborValue {
    /** The most items in all. */
    int MAX_ITEMS = 4096;

    /** How deep items may be nested. */
    int MAX_DEPTH = 8;

    /** Which encodings of one value a maker's specification leaves room for (RFC 8949 section 4). */
    enum Rules {
        /** Definite lengths and shortest heads only. */
        SHORTEST,
        /** Definite lengths, heads of any length: for specifications that ask for a variation-tolerant decoder. */
        ANY_HEADS,
        /** Definite lengths and shortest heads, but the outermost item may be a map of indefinite length. */
        OPEN_OUTER_MAP
    }

    /** {@return where the item begins, as a byte offset in the bytes given} */
    int start();

    /** {@return where the item ends, as a byte offset in the bytes given} */
    int end();

    /** An integer. */
    record Int(int start, int end, long value) implements CborValue {}

    /** A byte string. */
    record ByteString(int start, int end, Bytes value) implements CborValue {}

    /** A text string. */
    record Text(int start, int end, String value) implements CborValue {}

    /** An array. */
    record Arr(int start, int end, List<CborValue> items) implements CborValue {
        /** Copies the items. */
        public Arr {
            items = List.copyOf(items);
        }
    }

    /** A map, whose keys are integers or text. */
    record Obj(int start, int end, Map<Long, CborValue> byNumber, Map<String, CborValue> byName) implements CborValue {
        /** Copies the pairs. */
        public Obj {
            byNumber = Collections.unmodifiableMap(new LinkedHashMap<>(byNumber));
            byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
        }

        /** The value under a number. */
        public Optional<CborValue> find(long key) {
            return Optional.ofNullable(byNumber.get(key));
        }

        /** The value under a name. */
        public Optional<CborValue> find(String key) {
            return Optional.ofNullable(byName.get(key));
        }

        /** The value under a number, which must be there. */
        public CborValue get(long key, String field) throws MalformedException {
            return there(byNumber.get(key), field);
        }

        /** The value under a name, which must be there. */
        public CborValue get(String key, String field) throws MalformedException {
            return there(byName.get(key), field);
        }

        private CborValue there(@Nullable CborValue found, String field) throws MalformedException {
            if (found == null) {
                throw new MalformedException(field, start, "expected this field in the map, found none");
            }
            return found;
        }
    }

    /** A tagged item. */
    record Tagged(int start, int end, long tag, CborValue content) implements CborValue {}

    /** True or false. */
    record Flag(int start, int end, boolean value) implements CborValue {}

    /** Null. */
    record Nil(int start, int end) implements CborValue {}

    /** Its value as an integer within bounds. */
    default long integer(String field, long least, long most) throws MalformedException {
        if (this instanceof Int number && number.value() >= least && number.value() <= most) {
            return number.value();
        }
        throw new MalformedException(field, start(), "expected an integer from " + least + " to " + most);
    }

    /** Its value as a byte string of a length within bounds. */
    default Bytes bytes(String field, int least, int most) throws MalformedException {
        if (this instanceof ByteString string && string.value().length() >= least && string.value().length() <= most) {
            return string.value();
        }
        throw new MalformedException(
                field, start(), "expected a byte string of " + (least == most ? "" : least + " to ") + most + " bytes");
    }

    /** Its value as text of 1 to so many bytes of UTF-8. */
    default String text(String field, int most) throws MalformedException {
        if (this instanceof Text text && !text.value().isEmpty() && text.end() - text.start() <= most + 9
                && text.value().getBytes(StandardCharsets.UTF_8).length <= most) {
            return text.value();
        }
        throw new MalformedException(field, start(), "expected text of 1 to " + most + " bytes");
    }

    /** Its value as true or false. */
    default boolean bool(String field) throws MalformedException {
        if (this instanceof Flag flag) {
            return flag.value();
        }
        throw new MalformedException(field, start(), "expected true or false");
    }

    /** Its items, of which there must be a number within bounds. */
    default List<CborValue> items(String field, int least, int most) throws MalformedException {
        if (this instanceof Arr array && array.items().size() >= least && array.items().size() <= most) {
            return array.items();
        }
        throw new MalformedException(
                field, start(), "expected an array of " + (least == most ? "" : least + " to ") + most + " items");
    }

    /** Itself, if it is a map. */
    default Obj map(String field) throws MalformedException {
        if (this instanceof Obj map) {
            return map;
        }
        throw new MalformedException(field, start(), "expected a map");
    }

    /**
     * Reads one item and nothing more.
     *
     * @param field its name, for messages
     * @param encoded hostile bytes
     * @param rules which encodings are accepted
     * @return the item
     * @throws MalformedException if the bytes are anything else
     */
    static CborValue parse(String field, byte[] encoded, Rules rules) throws MalformedException {
        Parser parser = new Parser(field, encoded, rules);
        CborValue value = parser.value(0);
        if (parser.position < encoded.length) {
            throw parser.refuse(parser.position, "expected the end, found " + (encoded.length - parser.position) + " bytes more");
        }
        return value;
    }

    /** The recursive descent; depth and the number of items are bounded. */
    final class Parser {
        private static final int INDEFINITE = 31;
        private static final int BREAK = 0xff;

        private final String field;
        private final byte[] input;
        private final Rules rules;
        private int position;
        private int items;

        private Parser(String field, byte[] input, Rules rules) {
            this.field = field;
            this.input = input;
            this.rules = rules;
        }

        private MalformedException refuse(int at, String problem) {
            return new MalformedException(field, at, problem);
        }

        private CborValue value(int depth) throws MalformedException {
            int start = position;
            if (depth > MAX_DEPTH || ++items > MAX_ITEMS) {
                throw refuse(start, "expected at most " + MAX_ITEMS + " items, nested at most " + MAX_DEPTH + " deep");
            }
            if (position == input.length) {
                throw refuse(start, "expected an item, found the end");
            }
            int first = input[position] & 0xff;
            int major = first >> 5;
            if (major == 7) {
                return simple(first);
            }
            if (major == 5 && (first & 0x1f) == INDEFINITE && depth == 0 && rules == Rules.OPEN_OUTER_MAP) {
                position++;
                return map(start, -1, depth);
            }
            long head = head();
            if (head < 0) {
                throw refuse(start, "expected a number of 63 bits, found a larger one");
            }
            return switch (major) {
                case 0 -> new Int(start, position, head);
                case 1 -> new Int(start, position, ~head);
                case 2 -> {
                    byte[] bytes = string(start, head);
                    yield new ByteString(start, position, Bytes.of(bytes));
                }
                case 3 -> {
                    String text = utf8(start, string(start, head));
                    yield new Text(start, position, text);
                }
                case 4 -> array(start, count(start, head, 1), depth);
                case 5 -> map(start, count(start, head, 2), depth);
                default -> {
                    CborValue content = value(depth + 1);
                    yield new Tagged(start, position, head, content);
                }
            };
        }

        private CborValue simple(int first) throws MalformedException {
            int start = position++;
            return switch (first) {
                case 0xf4, 0xf5 -> new Flag(start, position, first == 0xf5);
                case 0xf6 -> new Nil(start, position);
                default -> throw refuse(start, "expected an item of another type, found a simple value or a floating-point number");
            };
        }

        private byte[] string(int start, long length) throws MalformedException {
            if (length > input.length - position) {
                throw refuse(start, "announces " + length + " bytes, but " + (input.length - position) + " remain");
            }
            byte[] found = Arrays.copyOfRange(input, position, position + (int) length);
            position += (int) length;
            return found;
        }

        private String utf8(int start, byte[] bytes) throws MalformedException {
            try {
                return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            } catch (CharacterCodingException e) {
                throw refuse(start, "expected UTF-8 text, found other bytes");
            }
        }

        private int count(int start, long count, int each) throws MalformedException {
            if (count > (input.length - position) / each || count > MAX_ITEMS) {
                throw refuse(start, "announces " + count + " entries, but " + (input.length - position) + " bytes remain");
            }
            return (int) count;
        }

        private CborValue array(int start, int count, int depth) throws MalformedException {
            List<CborValue> found = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                found.add(value(depth + 1));
            }
            return new Arr(start, position, found);
        }

        /** Reads the pairs of a map; with a negative count up to a break. */
        private CborValue map(int start, int count, int depth) throws MalformedException {
            Map<Long, CborValue> byNumber = new LinkedHashMap<>();
            Map<String, CborValue> byName = new LinkedHashMap<>();
            for (int i = 0; count < 0 || i < count; i++) {
                if (count < 0 && position < input.length && (input[position] & 0xff) == BREAK) {
                    position++;
                    break;
                }
                int at = position;
                CborValue key = value(depth + 1);
                CborValue value = value(depth + 1);
                boolean twice = switch (key) {
                    case Int number -> byNumber.putIfAbsent(number.value(), value) != null;
                    case Text name -> byName.putIfAbsent(name.value(), value) != null;
                    case ByteString other -> throw refuse(at, "expected a key that is a number or text");
                    case Arr other -> throw refuse(at, "expected a key that is a number or text");
                    case Obj other -> throw refuse(at, "expected a key that is a number or text");
                    case Tagged other -> throw refuse(at, "expected a key that is a number or text");
                    case Flag other -> throw refuse(at, "expected a key that is a number or text");
                    case Nil other -> throw refuse(at, "expected a key that is a number or text");
                };
                if (twice) {
                    throw refuse(at, "expected every key once in a map, found one twice");
                }
            }
            return new Obj(start, position, byNumber, byName);
        }

        /** Reads a head after its type was seen; negative where the value needs all 64 bits. */
        private long head() throws MalformedException {
            int start = position;
            int info = input[position++] & 0x1f;
            if (info < 24) {
                return info;
            }
            if (info > 27) {
                throw refuse(start, "expected a definite length, found additional information " + info);
            }
            int count = 1 << (info - 24);
            if (count > input.length - position) {
                throw refuse(start, "expected " + count + " more bytes, found " + (input.length - position));
            }
            long value = 0;
            for (int i = 0; i < count; i++) {
                value = value << 8 | input[position++] & 0xff;
            }
            long least = count == 1 ? 24 : 1L << (count * 4);
            if (rules != Rules.ANY_HEADS && Long.compareUnsigned(value, least) < 0) {
                throw refuse(start, "expected the shortest form of a number, found a longer one");
            }
            return value;
        }
    }
}
