package org.innerkeep.evidence.internal;

import java.nio.ByteOrder;
import java.util.Arrays;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * Reads fixed-width fields one after the other. Each read names its field, and none goes past the end. The array given is not copied
 * and must not change. Not safe for use by several threads.
 */
public final class ByteReader {
    private final byte[] input;
    private final int end;
    private final boolean bigEndian;
    private int position;

    /**
     * Reads a whole array.
     *
     * @param input hostile bytes, not copied
     * @param order of the numbers in it
     */
    public ByteReader(byte[] input, ByteOrder order) {
        this(input, 0, input.length, order);
    }

    /**
     * Reads a part of an array.
     *
     * @param input hostile bytes, not copied
     * @param offset where to begin
     * @param length how many bytes belong to it
     * @param order of the numbers in it
     */
    public ByteReader(byte[] input, int offset, int length, ByteOrder order) {
        if (offset < 0 || length < 0 || length > input.length - offset) {
            throw new IndexOutOfBoundsException("no such part of the array");
        }
        this.input = input;
        this.position = offset;
        this.end = offset + length;
        this.bigEndian = order == ByteOrder.BIG_ENDIAN;
    }

    /** {@return the offset of the next byte in the array given} */
    public int offset() {
        return position;
    }

    /** {@return how many bytes are left} */
    public int remaining() {
        return end - position;
    }

    /** An unsigned number of 8 bits. */
    public int u8(String field) throws MalformedException {
        return (int) number(field, 1);
    }

    /** An unsigned number of 16 bits. */
    public int u16(String field) throws MalformedException {
        return (int) number(field, 2);
    }

    /** An unsigned number of 32 bits. */
    public long u32(String field) throws MalformedException {
        return number(field, 4);
    }

    /** A number of 64 bits, whose highest bit makes it negative. */
    public long u64(String field) throws MalformedException {
        return number(field, 8);
    }

    /** An unsigned number of 32 bits within bounds that fit an int: for lengths and counts. */
    public int count(String field, int least, int most) throws MalformedException {
        int start = position;
        long found = number(field, 4);
        if (found < least || found > most) {
            throw new MalformedException(field, start, "expected " + least + " to " + most + ", found " + found);
        }
        return (int) found;
    }

    /** Exactly so many bytes, copied. */
    public Bytes bytes(String field, int length) throws MalformedException {
        return Bytes.of(array(field, length));
    }

    /** Exactly so many bytes, copied. */
    public byte[] array(String field, int length) throws MalformedException {
        need(field, length);
        byte[] found = Arrays.copyOfRange(input, position, position + length);
        position += length;
        return found;
    }

    /** A part of its own, which is skipped here. */
    public ByteReader part(String field, int length) throws MalformedException {
        need(field, length);
        ByteReader part = new ByteReader(input, position, length, bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        position += length;
        return part;
    }

    /** Bytes that must be zero. */
    public void zeros(String field, int length) throws MalformedException {
        need(field, length);
        for (int i = 0; i < length; i++) {
            if (input[position + i] != 0) {
                throw new MalformedException(field, position + i, "expected zero, found another value");
            }
        }
        position += length;
    }

    /** Checks that nothing is left. */
    public void end(String field) throws MalformedException {
        if (position != end) {
            throw new MalformedException(field, position, "expected the end, found " + remaining() + " bytes more");
        }
    }

    private void need(String field, int length) throws MalformedException {
        if (length < 0 || length > end - position) {
            throw new MalformedException(field, position, "expected " + length + " bytes, found " + remaining());
        }
    }

    private long number(String field, int length) throws MalformedException {
        need(field, length);
        long value = 0;
        for (int i = 0; i < length; i++) {
            int at = bigEndian ? position + i : position + length - 1 - i;
            value = value << 8 | input[at] & 0xff;
        }
        position += length;
        return value;
    }
}
