package org.innerkeep.channel.call;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/** A record, carried as the array of its components in the order in which they are declared. */
final class RecordShape implements Shape {
    /**
     * A component.
     *
     * @param name its name
     * @param field its name with its record's, for messages
     * @param shape what it carries
     * @param accessor of type {@code (Object)Object}
     */
    record Component(String name, String field, Shape shape, MethodHandle accessor) {}

    /** The type of a handle on an accessor: it must be this very type, so that it can be invoked exactly. */
    static final MethodType ACCESSOR = MethodType.methodType(Object.class, Object.class);

    /** The type of a handle on whatever takes several values and gives one. */
    static final MethodType SPREADER = MethodType.methodType(Object.class, Object[].class);

    private final Class<?> type;
    private final String term;
    private final MethodHandle constructor;
    private Component[] components = {};

    /** Begins a record. Its components come afterwards, since they may refer to the record itself. */
    RecordShape(Class<?> type, MethodHandle constructor) {
        this.type = type;
        this.term = Shape.nameOf(type);
        this.constructor = constructor;
    }

    void complete(List<Component> all) {
        components = all.toArray(Component[]::new);
    }

    String declaration() {
        return Arrays.stream(components)
                .map(component -> component.name() + ": " + component.shape().term())
                .collect(Collectors.joining(", ", "record " + term + "(", ")"));
    }

    Class<?> type() {
        return type;
    }

    int size() {
        return components.length;
    }

    @Override
    public String term() {
        return term;
    }

    @Override
    public void write(Output out, Object value, String field, int depth) {
        out.cbor().array(components.length);
        writeComponents(out, value, depth);
    }

    void writeComponents(Output out, Object value, int depth) {
        for (Component component : components) {
            out.value(component.shape, get(component, value), component.field, depth - 1);
        }
    }

    @Override
    public Object read(Input in, String field, int depth) throws MalformedException {
        in.cbor().arrayOf(field, components.length);
        return readComponents(in, field, depth);
    }

    Object readComponents(Input in, String field, int depth) throws MalformedException {
        int start = in.cbor().offset();
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.value(components[i].shape, components[i].field, depth - 1);
        }
        try {
            Object made = (Object) constructor.invokeExact(values);
            requireKept(made, values, field, start);
            return made;
        } catch (RuntimeException e) {
            // Without the cause: a message made by a constructor may repeat what it was given.
            throw new MalformedException(field, start, "refused by the constructor of " + term);
        } catch (MalformedException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the constructor of a record declares no checked exception", e);
        }
    }

    /**
     * Refuses values that the constructor changes, a text that it trims for example. No honest end sends them, since its own
     * record holds them changed already, and accepting them would give one value several encodings.
     */
    @SuppressWarnings("ReferenceEquality") // Only the quick case; others are compared by their shape.
    private void requireKept(Object made, Object[] values, String field, int start) throws MalformedException {
        for (int i = 0; i < values.length; i++) {
            Object kept = get(components[i], made);
            if (kept != values[i] && (kept == null || !components[i].shape.same(values[i], kept))) {
                throw new MalformedException(field, start, "the constructor of " + term + " changes what it is given");
            }
        }
    }

    private static @Nullable Object get(Component component, Object value) {
        try {
            return (@Nullable Object) component.accessor.invokeExact(value);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the accessor of a record declares no checked exception", e);
        }
    }

    @Override
    public boolean same(Object a, Object b) {
        if (a.getClass() != b.getClass()) {
            return false;
        }
        for (Component component : components) {
            if (!Shape.alike(component.shape, get(component, a), get(component, b))) {
                return false;
            }
        }
        return true;
    }
}
