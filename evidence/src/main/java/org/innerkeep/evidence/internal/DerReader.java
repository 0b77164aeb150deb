package org.innerkeep.evidence.internal;

import java.math.BigInteger;
import java.util.Arrays;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * Pulls values from DER (X.690): definite lengths in their shortest form only. The array given is not copied and must not change. Not
 * safe for use by several threads.
 */
public final class DerReader {
    /** INTEGER. */
    public static final int INTEGER = 0x02;
    /** BIT STRING. */
    public static final int BIT_STRING = 0x03;
    /** OCTET STRING. */
    public static final int OCTET_STRING = 0x04;
    /** OBJECT IDENTIFIER. */
    public static final int OID = 0x06;
    /** SEQUENCE. */
    public static final int SEQUENCE = 0x30;

    private final byte[] input;
    private final int end;
    private int position;

    /**
     * Reads a whole array.
     *
     * @param input hostile bytes, not copied
     */
    public DerReader(byte[] input) {
        this(input, 0, input.length);
    }

    private DerReader(byte[] input, int position, int end) {
        this.input = input;
        this.position = position;
        this.end = end;
    }

    /** {@return the offset of the next byte in the array given} */
    public int offset() {
        return position;
    }

    /** {@return whether nothing is left} */
    public boolean atEnd() {
        return position == end;
    }

    /** {@return the tag byte that comes next, or -1 at the end} Consumes nothing. */
    public int peek() {
        return position == end ? -1 : input[position] & 0xff;
    }

    /** The contents of a constructed or primitive value with this tag byte, to be read on. */
    public DerReader enter(String field, int tag) throws MalformedException {
        int length = head(field, tag);
        DerReader inner = new DerReader(input, position, position + length);
        position += length;
        return inner;
    }

    /** The content bytes of a value with this tag byte. */
    public byte[] content(String field, int tag) throws MalformedException {
        int length = head(field, tag);
        byte[] found = Arrays.copyOfRange(input, position, position + length);
        position += length;
        return found;
    }

    /** The whole of the next value, tag and length included, whatever its tag. */
    public Bytes any(String field) throws MalformedException {
        int start = position;
        int length = head(field, peek());
        position += length;
        return Bytes.of(Arrays.copyOfRange(input, start, position));
    }

    /** An object identifier in dotted form. */
    public String oid(String field) throws MalformedException {
        int start = position;
        byte[] content = content(field, OID);
        StringBuilder dotted = new StringBuilder();
        long part = 0;
        boolean first = true;
        boolean begins = true;
        for (byte each : content) {
            if (begins && each == (byte) 0x80 || part > Long.MAX_VALUE >> 8) {
                throw new MalformedException(field, start, "expected an object identifier in its shortest form");
            }
            part = part << 7 | each & 0x7f;
            begins = each >= 0;
            if (begins) {
                if (first) {
                    long root = Math.min(part / 40, 2);
                    dotted.append(root).append('.').append(part - root * 40);
                    first = false;
                } else {
                    dotted.append('.').append(part);
                }
                part = 0;
            }
        }
        if (!begins || first) {
            throw new MalformedException(field, start, "expected a whole object identifier");
        }
        return dotted.toString();
    }

    /** A whole number within bounds. */
    public long integer(String field, long least, long most) throws MalformedException {
        int start = position;
        byte[] content = content(field, INTEGER);
        if (content.length == 0 || content.length > 8
                || content.length > 1 && content[0] == 0 && content[1] >= 0
                || content.length > 1 && content[0] == -1 && content[1] < 0) {
            throw new MalformedException(field, start, "expected a whole number of at most 8 bytes in its shortest form");
        }
        long value = new BigInteger(content).longValue();
        if (value < least || value > most) {
            throw new MalformedException(field, start, "expected " + least + " to " + most + ", found " + value);
        }
        return value;
    }

    /** Checks that nothing is left. */
    public void end(String field) throws MalformedException {
        if (position != end) {
            throw new MalformedException(field, position, "expected the end, found " + (end - position) + " bytes more");
        }
    }

    private int head(String field, int tag) throws MalformedException {
        int start = position;
        if (end - position < 2) {
            throw new MalformedException(field, start, "expected a DER value, found the end");
        }
        int found = input[position] & 0xff;
        if (found != tag || (tag & 0x1f) == 0x1f) {
            throw new MalformedException(
                    field, start, String.format("expected the DER tag 0x%02x, found 0x%02x", tag, found));
        }
        int length = input[position + 1] & 0xff;
        position += 2;
        if (length >= 0x80) {
            int count = length & 0x7f;
            if (count == 0 || count > 4 || count > end - position || input[position] == 0) {
                throw new MalformedException(field, start, "expected a definite DER length in its shortest form");
            }
            long value = 0;
            for (int i = 0; i < count; i++) {
                value = value << 8 | input[position + i] & 0xff;
            }
            position += count;
            if (value < 0x80 || value > end - position) {
                throw new MalformedException(field, start, "expected a DER length that fits, found " + value);
            }
            length = (int) value;
        }
        if (length > end - position) {
            throw new MalformedException(field, start, "expected " + length + " bytes, found " + (end - position));
        }
        return length;
    }
}
