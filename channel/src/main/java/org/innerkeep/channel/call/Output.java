package org.innerkeep.channel.call;

import org.innerkeep.evidence.cbor.CborWriter;
import org.jspecify.annotations.Nullable;

/** A writer with the rules that hold for every value: not null, not too deep, not too large. */
final class Output {
    /** More was written than a frame may hold. */
    static final class TooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLargeException() {
            super("larger than a frame may be", null, false, false);
        }
    }

    private final CborWriter cbor = new CborWriter();
    private final int maxBytes;

    Output(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    CborWriter cbor() {
        return cbor;
    }

    int maxBytes() {
        return maxBytes;
    }

    void value(Shape shape, @Nullable Object value, String field, int depth) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is null; null cannot be carried, use java.util.Optional");
        }
        if (depth == 0) {
            throw new IllegalArgumentException(field + " is nested more than " + Shape.MAX_DEPTH + " deep");
        }
        shape.write(this, value, field, depth);
        checkSize();
    }

    void checkSize() {
        if (cbor.length() > maxBytes) {
            throw new TooLargeException();
        }
    }
}
