package org.innerkeep.channel.call;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/**
 * A list, carried as an array.
 *
 * @param element what it holds
 */
record ListShape(Shape element) implements Shape {
    @Override
    public String term() {
        return "list<" + element.term() + ">";
    }

    @Override
    public void write(Output out, Object value, String field, int depth) {
        // A snapshot: the count and the elements must agree even if another thread changes the list meanwhile.
        @Nullable Object[] items = ((List<?>) value).toArray();
        out.cbor().array(items.length);
        for (Object item : items) {
            out.value(element, item, field, depth - 1);
        }
    }

    @Override
    public Object read(Input in, String field, int depth) throws MalformedException {
        int count = in.cbor().array(field, 0, Integer.MAX_VALUE);
        if (count == 0) {
            return List.of();
        }
        // The count is within what remains, but every level of a nest may claim all that remains; so it is not trusted.
        List<Object> items = new ArrayList<>(Math.min(count, Input.TRUSTED_CAPACITY));
        for (int i = 0; i < count; i++) {
            items.add(in.value(element, field, depth - 1));
        }
        return Collections.unmodifiableList(items);
    }

    @Override
    public boolean same(Object a, Object b) {
        List<?> first = (List<?>) a;
        List<?> second = (List<?>) b;
        if (first.size() != second.size()) {
            return false;
        }
        Iterator<?> others = second.iterator();
        for (Object item : first) {
            if (!others.hasNext() || !Shape.alike(element, item, others.next())) {
                return false;
            }
        }
        return true;
    }
}
