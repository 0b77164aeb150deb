package org.innerkeep.channel.call;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/**
 * A map, carried as a map in ascending order of the keys' bytes (RFC 8949 section 4.2.1), for the reason given at {@link
 * SetShape}.
 *
 * @param key what its keys are
 * @param value what its values are
 */
record MapShape(Shape key, Shape value) implements Shape {
    // Never compared as a whole.
    @SuppressWarnings("ArrayRecordComponent")
    private record Pair(byte[] key, @Nullable Object value) {}

    @Override
    public String term() {
        return "map<" + key.term() + ", " + value.term() + ">";
    }

    @Override
    public void write(Output out, Object map, String field, int depth) {
        Pair[] pairs = ((Map<?, ?>) map)
                .entrySet().stream()
                        .map(entry -> {
                            Output one = new Output(out.maxBytes());
                            one.value(key, entry.getKey(), field, depth - 1);
                            return new Pair(one.cbor().toByteArray(), entry.getValue());
                        })
                        .toArray(Pair[]::new);
        Arrays.sort(pairs, Comparator.comparing(Pair::key, Arrays::compareUnsigned));
        out.cbor().map(pairs.length);
        for (int i = 0; i < pairs.length; i++) {
            if (i > 0 && Arrays.equals(pairs[i - 1].key, pairs[i].key)) {
                throw new IllegalArgumentException(field + " holds two equal keys");
            }
            out.cbor().raw(pairs[i].key);
            out.value(value, pairs[i].value, field, depth - 1);
        }
    }

    @Override
    public Object read(Input in, String field, int depth) throws MalformedException {
        int count = in.cbor().map(field, 0, Integer.MAX_VALUE);
        if (count == 0) {
            return Map.of();
        }
        Map<Object, Object> entries = new LinkedHashMap<>();
        int before = -1;
        for (int i = 0; i < count; i++) {
            int start = in.cbor().offset();
            Object k = in.value(key, field, depth - 1);
            if (before >= 0) {
                in.requireAscending(before, start, field);
            }
            before = start;
            entries.put(k, in.value(value, field, depth - 1));
        }
        return Collections.unmodifiableMap(entries);
    }

    @Override
    public boolean same(Object a, Object b) {
        Map<?, ?> first = (Map<?, ?>) a;
        Map<?, ?> second = (Map<?, ?>) b;
        if (first.size() != second.size()) {
            return false;
        }
        for (Map.Entry<?, ?> entry : first.entrySet()) {
            if (!Shape.alike(value, entry.getValue(), second.get(entry.getKey()))) {
                return false;
            }
        }
        return true;
    }
}
