package org.innerkeep.channel.session;

import java.util.Arrays;
import org.innerkeep.evidence.MalformedException;

/**
 * Walks DER (ITU-T X.690) one element at a time: single-byte tags, definite lengths in their shortest form, every length
 * compared with the bytes that remain before anything is allocated. The array given is not copied and must not change.
 * Not safe for use by several threads.
 */
final class DerReader {
    private final byte[] input;
    private final int end;
    private int position;

    DerReader(byte[] input) {
        this(input, 0, input.length);
    }

    private DerReader(byte[] input, int from, int to) {
        this.input = input;
        this.position = from;
        this.end = to;
    }

    /** {@return whether an element with this tag comes next} Consumes nothing. */
    boolean next(int tag) {
        return position < end && (input[position] & 0xff) == tag;
    }

    boolean atEnd() {
        return position == end;
    }

    /** Goes into an element; this reader continues after it. */
    DerReader enter(String field, int tag) throws MalformedException {
        int start = content(field, tag);
        return new DerReader(input, start, position);
    }

    /** {@return the content of an element, a new array} */
    byte[] value(String field, int tag, int most) throws MalformedException {
        int header = position;
        int start = content(field, tag);
        if (position - start > most) {
            throw new MalformedException(
                    field, header, "expected at most " + most + " bytes, found " + (position - start));
        }
        return Arrays.copyOfRange(input, start, position);
    }

    /** {@return a whole element, tag and length included, a new array} */
    byte[] whole(String field, int tag, int most) throws MalformedException {
        int header = position;
        content(field, tag);
        if (position - header > most) {
            throw new MalformedException(
                    field, header, "expected at most " + most + " bytes, found " + (position - header));
        }
        return Arrays.copyOfRange(input, header, position);
    }

    void skip(String field, int tag) throws MalformedException {
        content(field, tag);
    }

    void end(String field) throws MalformedException {
        if (position != end) {
            throw new MalformedException(field, position, "expected the end, found " + (end - position) + " more bytes");
        }
    }

    /** {@return where the content begins} The position is moved to its end. */
    private int content(String field, int wanted) throws MalformedException {
        int header = position;
        int found = next(field);
        if (found != wanted) {
            throw new MalformedException(
                    field, header, "expected tag 0x%02x, found 0x%02x".formatted(wanted, found));
        }
        int length = next(field);
        if (length >= 0x80) {
            int count = length & 0x7f;
            // No count is indefinite length, which DER forbids; more than three bytes is far beyond any certificate.
            if (count == 0 || count > 3) {
                throw new MalformedException(field, header, "expected a definite length of at most three bytes");
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = (length << 8) | next(field);
            }
            if (length < 0x80 || (length >>> (8 * (count - 1))) == 0) {
                throw new MalformedException(field, header, "expected the shortest form of a length, found a longer one");
            }
        }
        if (length > end - position) {
            throw new MalformedException(
                    field, header, "announces " + length + " bytes, but " + (end - position) + " remain");
        }
        int start = position;
        position += length;
        return start;
    }

    private int next(String field) throws MalformedException {
        if (position == end) {
            throw new MalformedException(field, position, "expected more bytes, found the end");
        }
        return input[position++] & 0xff;
    }
}
