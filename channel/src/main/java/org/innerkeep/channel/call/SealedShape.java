package org.innerkeep.channel.call;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.innerkeep.evidence.MalformedException;

/**
 * A sealed interface of records, carried as an array of the record's simple name and its components. The name is looked up
 * among the permitted records; it never chooses a class.
 */
final class SealedShape implements Shape {
    private final String term;
    private final Map<String, RecordShape> byName = new TreeMap<>();
    private final Map<Class<?>, RecordShape> byType = new HashMap<>();

    SealedShape(Class<?> type) {
        this.term = Shape.nameOf(type);
    }

    /** {@return whether the simple name was still free} */
    boolean permit(RecordShape shape) {
        byType.put(shape.type(), shape);
        RecordShape before = byName.put(shape.type().getSimpleName(), shape);
        return before == null || before == shape;
    }

    String declaration() {
        return byName.values().stream().map(RecordShape::term).collect(Collectors.joining(", ", "sealed " + term + ": ", ""));
    }

    @Override
    public String term() {
        return term;
    }

    @Override
    public void write(Output out, Object value, String field, int depth) {
        RecordShape shape = byType.get(value.getClass());
        if (shape == null) {
            throw new IllegalArgumentException(field + " is not one of the records of " + term);
        }
        out.cbor().array(1 + shape.size()).text(shape.type().getSimpleName());
        shape.writeComponents(out, value, depth);
    }

    @Override
    public Object read(Input in, String field, int depth) throws MalformedException {
        int start = in.cbor().offset();
        int items = in.cbor().array(field, 1, Integer.MAX_VALUE);
        RecordShape shape = byName.get(in.cbor().text(field, Integer.MAX_VALUE));
        if (shape == null) {
            throw new MalformedException(field, start, "expected a record of " + term + ", found another name");
        }
        if (items != 1 + shape.size()) {
            throw new MalformedException(
                    field, start, "expected " + shape.size() + " components of " + shape.term() + ", found " + (items - 1));
        }
        return shape.readComponents(in, field, depth);
    }

    @Override
    public boolean same(Object a, Object b) {
        RecordShape shape = byType.get(a.getClass());
        return shape != null && a.getClass() == b.getClass() && shape.same(a, b);
    }
}
