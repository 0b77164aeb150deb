package org.innerkeep.channel.call;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/**
 * A set, carried as an array in ascending order of the elements' bytes (RFC 8949 section 4.2.1). An order of the sender's
 * choice would not survive {@code Set.copyOf} in a record's constructor, and equal sets would have unequal encodings.
 *
 * @param element what it holds
 */
record SetShape(Shape element) implements Shape {
    @Override
    public String term() {
        return "set<" + element.term() + ">";
    }

    @Override
    public void write(Output out, Object value, String field, int depth) {
        @Nullable Object[] items = ((Set<?>) value).toArray();
        byte[][] encoded = new byte[items.length][];
        for (int i = 0; i < items.length; i++) {
            Output one = new Output(out.maxBytes());
            one.value(element, items[i], field, depth - 1);
            encoded[i] = one.cbor().toByteArray();
        }
        Arrays.sort(encoded, Arrays::compareUnsigned);
        out.cbor().array(encoded.length);
        for (int i = 0; i < encoded.length; i++) {
            if (i > 0 && Arrays.equals(encoded[i - 1], encoded[i])) {
                throw new IllegalArgumentException(field + " holds two equal elements");
            }
            out.cbor().raw(encoded[i]);
            out.checkSize();
        }
    }

    @Override
    public Object read(Input in, String field, int depth) throws MalformedException {
        int count = in.cbor().array(field, 0, Integer.MAX_VALUE);
        if (count == 0) {
            return Set.of();
        }
        Set<Object> items = new LinkedHashSet<>();
        int before = -1;
        for (int i = 0; i < count; i++) {
            int start = in.cbor().offset();
            items.add(in.value(element, field, depth - 1));
            if (before >= 0) {
                in.requireAscending(before, start, field);
            }
            before = start;
        }
        return Collections.unmodifiableSet(items);
    }
}
