package org.innerkeep.evidence.cbor;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.innerkeep.evidence.MalformedException;

/**
 * Pulls items from CBOR, accepting one encoding of each only: definite lengths, shortest heads, well-formed UTF-8,
 * canonical NaN, no simple values but true, false and null, no half-precision numbers. Every count is compared with the
 * bytes that remain before anything is allocated.
 *
 * <p>The array given is not copied and must not change. Not safe for use by several threads. After an exception the offset
 * is undefined: give up the whole input.
 *
 * <p>Does not check the order or uniqueness of map keys: the caller knows its keys and reads them in their order.
 */
public final class CborReader {
    /** What comes next. */
    public enum Type {
        /** An integer of 64 bits, signed. */
        INTEGER,
        /** A byte string. */
        BYTES,
        /** A text string. */
        TEXT,
        /** An array head. */
        ARRAY,
        /** A map head. */
        MAP,
        /** A tag. */
        TAG,
        /** True or false. */
        BOOLEAN,
        /** Null. */
        NULL,
        /** A single-precision number. */
        FLOAT32,
        /** A double-precision number. */
        FLOAT64,
        /** Nothing: all bytes are read. */
        END,
        /** A byte with which no accepted item begins. */
        UNKNOWN,
    }

    private final byte[] input;
    private final int end;
    private int position;

    /**
     * Reads a whole array.
     *
     * @param input the bytes, not copied
     */
    public CborReader(byte[] input) {
        this(input, 0, input.length);
    }

    /**
     * Reads a part of an array.
     *
     * @param input the bytes, not copied
     * @param offset where to begin
     * @param length how many bytes belong to it
     */
    public CborReader(byte[] input, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, input.length);
        this.input = input;
        this.position = offset;
        this.end = offset + length;
    }

    /** {@return the offset of the next item in the array given} */
    public int offset() {
        return position;
    }

    /** {@return how many bytes are left} */
    public int remaining() {
        return end - position;
    }

    /** {@return what comes next} Consumes nothing. */
    public Type peek() {
        if (position == end) {
            return Type.END;
        }
        int first = input[position] & 0xff;
        return switch (first >> 5) {
            case 0, 1 -> Type.INTEGER;
            case 2 -> Type.BYTES;
            case 3 -> Type.TEXT;
            case 4 -> Type.ARRAY;
            case 5 -> Type.MAP;
            case 6 -> Type.TAG;
            default -> switch (first) {
                case 0xf4, 0xf5 -> Type.BOOLEAN;
                case 0xf6 -> Type.NULL;
                case 0xfa -> Type.FLOAT32;
                case 0xfb -> Type.FLOAT64;
                default -> Type.UNKNOWN;
            };
        };
    }

    /**
     * Reads an integer.
     *
     * @param field its name, for messages
     * @return the value
     * @throws MalformedException if something else comes or it needs more than 64 bits
     */
    public long integer(String field) throws MalformedException {
        int start = position;
        expect(Type.INTEGER, field);
        boolean negative = (input[position] & 0xff) >> 5 == 1;
        long value = head(field);
        if (value < 0) {
            throw new MalformedException(field, start, "expected an integer of 64 bits, found a larger one");
        }
        return negative ? ~value : value;
    }

    /**
     * Reads an integer within bounds.
     *
     * @param field its name, for messages
     * @param least the least accepted
     * @param most the most accepted
     * @return the value
     * @throws MalformedException if something else comes
     */
    public long integer(String field, long least, long most) throws MalformedException {
        int start = position;
        long value = integer(field);
        if (value < least || value > most) {
            throw new MalformedException(
                    field, start, "expected an integer from " + least + " to " + most + ", found " + value);
        }
        return value;
    }

    /**
     * Reads a byte string.
     *
     * @param field its name, for messages
     * @param least the least accepted length in bytes
     * @param most the most accepted length in bytes
     * @return the bytes, a new array
     * @throws MalformedException if something else comes
     */
    public byte[] bytes(String field, int least, int most) throws MalformedException {
        expect(Type.BYTES, field);
        int count = length(field, "bytes", least, most);
        byte[] value = Arrays.copyOfRange(input, position, position + count);
        position += count;
        return value;
    }

    /**
     * Reads a text string.
     *
     * @param field its name, for messages
     * @param most the most accepted length in bytes of UTF-8
     * @return the text
     * @throws MalformedException if something else comes, or it is not UTF-8
     */
    public String text(String field, int most) throws MalformedException {
        int start = position;
        expect(Type.TEXT, field);
        int count = length(field, "bytes of text", 0, most);
        if (isAscii(count)) {
            // Most text is, and then needs no decoder.
            String value = new String(input, position, count, StandardCharsets.US_ASCII);
            position += count;
            return value;
        }
        try {
            String value = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(input, position, count))
                    .toString();
            position += count;
            return value;
        } catch (CharacterCodingException e) {
            throw new MalformedException(field, start, "expected UTF-8 text, found other bytes");
        }
    }

    /**
     * Reads the head of an array. Each item takes at least one byte, so a count above the bytes that remain is refused.
     *
     * @param field its name, for messages
     * @param least the fewest items accepted
     * @param most the most items accepted
     * @return how many items follow
     * @throws MalformedException if something else comes
     */
    public int array(String field, int least, int most) throws MalformedException {
        expect(Type.ARRAY, field);
        return length(field, "items", least, most);
    }

    /**
     * Reads the head of an array of a fixed number of items.
     *
     * @param field its name, for messages
     * @param items how many items it must have
     * @throws MalformedException if something else comes
     */
    public void arrayOf(String field, int items) throws MalformedException {
        array(field, items, items);
    }

    /**
     * Reads the head of a map.
     *
     * @param field its name, for messages
     * @param least the fewest pairs accepted
     * @param most the most pairs accepted
     * @return how many pairs follow
     * @throws MalformedException if something else comes
     */
    public int map(String field, int least, int most) throws MalformedException {
        expect(Type.MAP, field);
        int start = position;
        int pairs = length(field, "pairs", least, most);
        if (pairs > remaining() / 2) {
            throw new MalformedException(field, start, "found " + pairs + " pairs, more than the bytes that remain");
        }
        return pairs;
    }

    /**
     * Reads a tag.
     *
     * @param field its name, for messages
     * @param wanted the only tag number accepted
     * @throws MalformedException if something else comes
     */
    public void tag(String field, long wanted) throws MalformedException {
        int start = position;
        expect(Type.TAG, field);
        long found = head(field);
        if (found != wanted) {
            throw new MalformedException(
                    field, start, "expected tag " + wanted + ", found " + Long.toUnsignedString(found));
        }
    }

    /**
     * Reads true or false.
     *
     * @param field its name, for messages
     * @return the value
     * @throws MalformedException if something else comes
     */
    public boolean bool(String field) throws MalformedException {
        expect(Type.BOOLEAN, field);
        return (input[position++] & 0xff) == 0xf5;
    }

    /**
     * Reads null.
     *
     * @param field its name, for messages
     * @throws MalformedException if something else comes
     */
    public void nil(String field) throws MalformedException {
        expect(Type.NULL, field);
        position++;
    }

    /**
     * Reads a single-precision number.
     *
     * @param field its name, for messages
     * @return the value
     * @throws MalformedException if something else comes
     */
    public float float32(String field) throws MalformedException {
        int start = position;
        expect(Type.FLOAT32, field);
        position++;
        int bits = (int) bigEndian(field, 4);
        float value = Float.intBitsToFloat(bits);
        if (Float.isNaN(value) && bits != 0x7fc00000) {
            throw new MalformedException(field, start, "found a NaN other than the canonical one");
        }
        return value;
    }

    /**
     * Reads a double-precision number.
     *
     * @param field its name, for messages
     * @return the value
     * @throws MalformedException if something else comes
     */
    public double float64(String field) throws MalformedException {
        int start = position;
        expect(Type.FLOAT64, field);
        position++;
        long bits = bigEndian(field, 8);
        double value = Double.longBitsToDouble(bits);
        if (Double.isNaN(value) && bits != 0x7ff8000000000000L) {
            throw new MalformedException(field, start, "found a NaN other than the canonical one");
        }
        return value;
    }

    /**
     * Checks that nothing is left.
     *
     * @param field the name of the whole, for messages
     * @throws MalformedException if bytes are left
     */
    public void end(String field) throws MalformedException {
        if (position != end) {
            throw new MalformedException(field, position, "expected the end, found " + remaining() + " more bytes");
        }
    }

    private void expect(Type wanted, String field) throws MalformedException {
        Type found = peek();
        if (found != wanted) {
            throw new MalformedException(field, position, "expected " + wanted + ", found " + found);
        }
    }

    private int length(String field, String unit, int least, int most) throws MalformedException {
        int start = position;
        long count = head(field);
        if (count < 0 || count < least || count > most) {
            throw new MalformedException(
                    field,
                    start,
                    "expected " + (least == most ? "" : least + " to ") + most + " " + unit + ", found "
                            + Long.toUnsignedString(count));
        }
        if (count > remaining()) {
            throw new MalformedException(
                    field, start, "announces " + count + " " + unit + ", but " + remaining() + " bytes remain");
        }
        return (int) count;
    }

    /** Reads a head after its type was seen; negative where the value needs all 64 bits. */
    private boolean isAscii(int count) {
        int bits = 0;
        for (int i = position; i < position + count; i++) {
            bits |= input[i];
        }
        return bits >= 0;
    }

    private long head(String field) throws MalformedException {
        int start = position;
        int info = input[position++] & 0x1f;
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw new MalformedException(field, start, "expected a definite length, found additional information " + info);
        }
        int count = 1 << (info - 24);
        long value = bigEndian(field, count);
        long least = count == 1 ? 24 : 1L << (count * 4);
        if (Long.compareUnsigned(value, least) < 0) {
            throw new MalformedException(field, start, "expected the shortest form of a number, found a longer one");
        }
        return value;
    }

    private long bigEndian(String field, int count) throws MalformedException {
        if (remaining() < count) {
            throw new MalformedException(field, position, "expected " + count + " more bytes, found " + remaining());
        }
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 8 | (input[position++] & 0xff);
        }
        return value;
    }
}
