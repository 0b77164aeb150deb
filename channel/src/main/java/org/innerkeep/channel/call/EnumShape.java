package org.innerkeep.channel.call;

import java.util.LinkedHashMap;
import java.util.Map;
import org.innerkeep.evidence.MalformedException;

/** An enum, carried as the name of its constant. */
final class EnumShape implements Shape {
    private final String term;
    private final Map<String, Object> constants = new LinkedHashMap<>();

    EnumShape(Class<?> type) {
        this.term = Shape.nameOf(type);
        for (Object constant : type.getEnumConstants()) {
            constants.put(((Enum<?>) constant).name(), constant);
        }
    }

    String declaration() {
        return "enum " + term + ": " + String.join(", ", constants.keySet());
    }

    @Override
    public String term() {
        return term;
    }

    @Override
    public boolean keyable() {
        return true;
    }

    @Override
    public void write(Output out, Object value, String field, int depth) {
        out.cbor().text(((Enum<?>) value).name());
    }

    @Override
    public Object read(Input in, String field, int depth) throws MalformedException {
        int start = in.cbor().offset();
        Object constant = constants.get(in.cbor().text(field, Integer.MAX_VALUE));
        if (constant == null) {
            throw new MalformedException(field, start, "expected a constant of " + term + ", found another name");
        }
        return constant;
    }
}
