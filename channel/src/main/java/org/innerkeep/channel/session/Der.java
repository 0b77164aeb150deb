package org.innerkeep.channel.session;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the few DER types (ITU-T X.690) that a certificate needs. Each method gives one whole element: tag, length in its
 * shortest form, content.
 */
final class Der {
    static final int BOOLEAN = 0x01;
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int UTF8_STRING = 0x0c;
    static final int UTC_TIME = 0x17;
    static final int GENERALIZED_TIME = 0x18;
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;

    private Der() {}

    /** {@return the tag of {@code [number]} with a constructed content} */
    static int context(int number) {
        return 0xa0 | number;
    }

    static byte[] element(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length = Math.addExact(length, content.length);
        }
        int lengthBytes = length < 0x80 ? 0 : (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
        byte[] result = new byte[Math.addExact(2 + lengthBytes, length)];
        int at = 0;
        result[at++] = (byte) tag;
        result[at++] = (byte) (lengthBytes == 0 ? length : 0x80 | lengthBytes);
        for (int i = lengthBytes - 1; i >= 0; i--) {
            result[at++] = (byte) (length >>> (8 * i));
        }
        for (byte[] content : contents) {
            System.arraycopy(content, 0, result, at, content.length);
            at += content.length;
        }
        return result;
    }

    static byte[] sequence(byte[]... elements) {
        return element(SEQUENCE, elements);
    }

    static byte[] set(byte[] only) {
        return element(SET, only);
    }

    static byte[] yes() {
        return element(BOOLEAN, new byte[] {(byte) 0xff});
    }

    static byte[] integer(BigInteger value) {
        return element(INTEGER, value.toByteArray());
    }

    static byte[] octets(byte[] content) {
        return element(OCTET_STRING, content);
    }

    /** A bit string whose last byte leaves {@code unused} low bits unused; DER wants them zero. */
    static byte[] bits(int unused, byte[] content) {
        return element(BIT_STRING, new byte[] {(byte) unused}, content);
    }

    static byte[] utf8(String text) {
        return element(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Both kinds of time, as the digits that the caller gives. */
    static byte[] time(int tag, String digits) {
        return element(tag, digits.getBytes(StandardCharsets.US_ASCII));
    }

    /** An object identifier; the first arc is 0, 1 or 2, and arcs stay under 2^28. */
    static byte[] oid(int first, int second, int... rest) {
        byte[] content = base128(40 * first + second);
        for (int arc : rest) {
            byte[] next = base128(arc);
            byte[] longer = Arrays.copyOf(content, content.length + next.length);
            System.arraycopy(next, 0, longer, content.length, next.length);
            content = longer;
        }
        return element(OBJECT_IDENTIFIER, content);
    }

    private static byte[] base128(int value) {
        int count = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 6) / 7);
        byte[] result = new byte[count];
        for (int i = 0; i < count; i++) {
            int more = i == count - 1 ? 0 : 0x80;
            result[i] = (byte) (more | ((value >>> (7 * (count - 1 - i))) & 0x7f));
        }
        return result;
    }
}
