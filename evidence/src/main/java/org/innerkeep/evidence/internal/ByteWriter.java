package org.innerkeep.evidence.internal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteOrder;
import org.innerkeep.evidence.Bytes;

/** Writes fixed-width fields one after the other, as {@link ByteReader} reads them. Not safe for use by several threads. */
public final class ByteWriter {
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final boolean bigEndian;

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
        output.writeBytes(value);
        return this;
    }

    /** So many zeros. */
    public ByteWriter zeros(int length) {
        return bytes(new byte[length]);
    }

    /** {@return everything written} */
    public byte[] toByteArray() {
        return output.toByteArray();
    }

    private ByteWriter number(long value, int length) {
        for (int i = 0; i < length; i++) {
            output.write((int) (value >>> 8 * (bigEndian ? length - 1 - i : i)));
        }
        return this;
    }
}
