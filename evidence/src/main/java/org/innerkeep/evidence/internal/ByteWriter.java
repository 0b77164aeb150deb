package org.innerkeep.evidence.internal;

import java.nio.ByteOrder;
import java.util.Arrays;
import org.innerkeep.evidence.Bytes;

/** Writes fixed-width fields one after the other, as {@link ByteReader} reads them. Not safe for use by several threads. */
public final class ByteWriter {
    private static final int FIRST_CAPACITY = 512;

    private final boolean bigEndian;
    private byte[] output = new byte[FIRST_CAPACITY];
    private int length;

    /**
     * Begins with nothing.
     *
     * @param order of the numbers
     */
    public ByteWriter(ByteOrder order) {
        this.bigEndian = order == ByteOrder.BIG_ENDIAN;
    }

    /** An unsigned number of 8 bits. */
    public ByteWriter u8(int value) {
        return number(value, 1);
    }

    /** An unsigned number of 16 bits. */
    public ByteWriter u16(int value) {
        return number(value, 2);
    }

    /** An unsigned number of 32 bits. */
    public ByteWriter u32(long value) {
        return number(value, 4);
    }

    /** A number of 64 bits. */
    public ByteWriter u64(long value) {
        return number(value, 8);
    }

    /** Bytes as they are. */
    public ByteWriter bytes(Bytes value) {
        return bytes(value.toArray());
    }

    /** Bytes as they are. */
    public ByteWriter bytes(byte[] value) {
        makeRoom(value.length);
        System.arraycopy(value, 0, output, length, value.length);
        length += value.length;
        return this;
    }

    /** So many zeros. */
    public ByteWriter zeros(int count) {
        return bytes(new byte[count]);
    }

    /** {@return everything written} */
    public byte[] toByteArray() {
        return Arrays.copyOf(output, length);
    }

    private ByteWriter number(long value, int width) {
        makeRoom(width);
        for (int i = 0; i < width; i++) {
            output[length++] = (byte) (value >>> 8 * (bigEndian ? width - 1 - i : i));
        }
        return this;
    }

    private void makeRoom(int more) {
        if (more > output.length - length) {
            output = Arrays.copyOf(output, Math.max(Math.addExact(length, more), 2 * output.length));
        }
    }
}
