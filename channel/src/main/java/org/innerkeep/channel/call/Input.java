package org.innerkeep.channel.call;

import java.util.Arrays;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;

/** A reader with the rules that hold for every value. */
final class Input {
    /** Capacity given to a collection on the word of a count; beyond it, collections grow as elements are really read. */
    static final int TRUSTED_CAPACITY = 256;

    private final byte[] bytes;
    private final CborReader cbor;

    private Input(byte[] bytes) {
        this.bytes = bytes;
        this.cbor = new CborReader(bytes);
    }

    static Input of(byte[] bytes) {
        return new Input(bytes);
    }

    /** {@return all that is read, not a copy} */
    byte[] bytes() {
        return bytes;
    }

    CborReader cbor() {
        return cbor;
    }

    Object value(Shape shape, String field, int depth) throws MalformedException {
        if (depth == 0) {
            throw new MalformedException(field, cbor.offset(), "nested more than " + Shape.MAX_DEPTH + " deep");
        }
        return shape.read(this, field, depth);
    }

    /**
     * Checks that the key just read comes after the one before it. In a map the value stands between the two; it does not
     * disturb the comparison, since no encoded item is the beginning of another.
     *
     * @param before where the key before begins
     * @param key where the key just read begins
     * @param field where it stands, for messages
     * @throws MalformedException if it does not
     */
    void requireAscending(int before, int key, String field) throws MalformedException {
        if (Arrays.compareUnsigned(bytes, before, key, bytes, key, cbor.offset()) >= 0) {
            throw new MalformedException(field, key, "expected keys in ascending order of their bytes, each once");
        }
    }
}
