package org.innerkeep.evidence.cbor;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes CBOR in the one form that {@link CborReader} accepts: definite lengths, shortest heads. Map keys are written in
 * the order given; the caller keeps them in deterministic order. Not safe for use by several threads.
 */
public final class CborWriter {
    private byte[] buffer;
    private int length;

    /** Starts empty. */
    public CborWriter() {
        buffer = new byte[128];
    }

    /**
     * Writes an integer (major type 0 or 1).
     *
     * @param value the value
     * @return this writer
     */
    public CborWriter integer(long value) {
        return value >= 0 ? head(0, value) : head(1, ~value);
    }

    /**
     * Writes a byte string.
     *
     * @param value the bytes
     * @return this writer
     */
    public CborWriter bytes(byte[] value) {
        head(2, value.length);
        return raw(value);
    }

    /**
     * Writes a text string in UTF-8.
     *
     * @param value the text
     * @return this writer
     * @throws IllegalArgumentException if the text has an unpaired surrogate, for which UTF-8 has no form; replacing it
     *     would sign or send another text than the one given
     */
    public CborWriter text(String value) {
        if (isAscii(value)) {
            // Most text is, and then needs no encoder.
            int count = value.length();
            head(3, count);
            reserve(count);
            for (int i = 0; i < count; i++) {
                buffer[length++] = (byte) value.charAt(i);
            }
            return this;
        }
        ByteBuffer utf8;
        try {
            utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("text: expected well-formed UTF-16, found an unpaired surrogate", e);
        }
        int count = utf8.remaining();
        head(3, count);
        reserve(count);
        utf8.get(buffer, length, count);
        length += count;
        return this;
    }

    /**
     * Begins an array; its items follow.
     *
     * @param items how many follow, not negative
     * @return this writer
     */
    public CborWriter array(int items) {
        return head(4, notNegative(items));
    }

    /**
     * Begins a map; its keys and values follow in turn.
     *
     * @param pairs how many pairs follow, not negative
     * @return this writer
     */
    public CborWriter map(int pairs) {
        return head(5, notNegative(pairs));
    }

    /**
     * Writes a tag; the tagged item follows.
     *
     * @param tag the tag number, not negative
     * @return this writer
     */
    public CborWriter tag(long tag) {
        return head(6, notNegative(tag));
    }

    /**
     * Writes true or false.
     *
     * @param value the value
     * @return this writer
     */
    public CborWriter bool(boolean value) {
        return put((byte) (value ? 0xf5 : 0xf4));
    }

    /**
     * Writes null.
     *
     * @return this writer
     */
    public CborWriter nil() {
        return put((byte) 0xf6);
    }

    /**
     * Writes a single-precision number.
     *
     * @param value the value; every NaN is written as the canonical one
     * @return this writer
     */
    public CborWriter float32(float value) {
        put((byte) 0xfa);
        return bigEndian(Float.floatToIntBits(value), 4);
    }

    /**
     * Writes a double-precision number.
     *
     * @param value the value; every NaN is written as the canonical one
     * @return this writer
     */
    public CborWriter float64(double value) {
        put((byte) 0xfb);
        return bigEndian(Double.doubleToLongBits(value), 8);
    }

    /**
     * Appends bytes that are already encoded.
     *
     * @param encoded whole items
     * @return this writer
     */
    public CborWriter raw(byte[] encoded) {
        reserve(encoded.length);
        System.arraycopy(encoded, 0, buffer, length, encoded.length);
        length += encoded.length;
        return this;
    }

    /** {@return how many bytes have been written} */
    public int length() {
        return length;
    }

    /** {@return what has been written, a copy} */
    public byte[] toByteArray() {
        return Arrays.copyOf(buffer, length);
    }

    private static boolean isAscii(String value) {
        int bits = 0;
        for (int i = 0; i < value.length(); i++) {
            bits |= value.charAt(i);
        }
        return bits < 0x80;
    }

    private static long notNegative(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("expected a number that is not negative, found " + value);
        }
        return value;
    }

    private CborWriter head(int major, long value) {
        int top = major << 5;
        if (value < 24) {
            return put((byte) (top | (int) value));
        } else if (value < 0x100) {
            put((byte) (top | 24));
            return bigEndian(value, 1);
        } else if (value < 0x10000) {
            put((byte) (top | 25));
            return bigEndian(value, 2);
        } else if (value < 0x100000000L) {
            put((byte) (top | 26));
            return bigEndian(value, 4);
        }
        put((byte) (top | 27));
        return bigEndian(value, 8);
    }

    private CborWriter put(byte value) {
        reserve(1);
        buffer[length++] = value;
        return this;
    }

    private CborWriter bigEndian(long value, int count) {
        reserve(count);
        for (int shift = (count - 1) * 8; shift >= 0; shift -= 8) {
            buffer[length++] = (byte) (value >>> shift);
        }
        return this;
    }

    private void reserve(int more) {
        if (buffer.length - length < more) {
            int wanted = Math.addExact(length, more);
            buffer = Arrays.copyOf(buffer, Math.max(wanted, (int) Math.min(buffer.length * 2L, Integer.MAX_VALUE - 8)));
        }
    }
}
