package org.innerkeep.channel.call;

import java.util.Optional;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;

/**
 * An optional, carried as its value or null.
 *
 * @param value what it holds, not an optional itself, since null could not say which of the two is empty
 */
record OptionalShape(Shape value) implements Shape {
    @Override
    public String term() {
        return "optional<" + value.term() + ">";
    }

    @Override
    public void write(Output out, Object optional, String field, int depth) {
        Optional<?> content = (Optional<?>) optional;
        if (content.isPresent()) {
            out.value(value, content.get(), field, depth - 1);
        } else {
            out.cbor().nil();
        }
    }

    @Override
    public Object read(Input in, String field, int depth) throws MalformedException {
        if (in.cbor().peek() == CborReader.Type.NULL) {
            in.cbor().nil(field);
            return Optional.empty();
        }
        return Optional.of(in.value(value, field, depth - 1));
    }

    @Override
    public boolean same(Object a, Object b) {
        Optional<?> first = (Optional<?>) a;
        Optional<?> second = (Optional<?>) b;
        return first.isPresent() == second.isPresent()
                && (first.isEmpty() || Shape.alike(value, first.get(), second.orElseThrow()));
    }
}
