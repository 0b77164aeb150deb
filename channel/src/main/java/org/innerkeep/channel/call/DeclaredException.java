package org.innerkeep.channel.call;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Optional;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.jspecify.annotations.Nullable;

/**
 * A checked exception that an interface declares. It has one public constructor, which takes nothing or one record; in the
 * second case a public method {@code detail()} returns that record. So its message is made from constants and declared fields
 * on whichever side it is made, and its text never crosses.
 *
 * @param type its class, final, so that what is thrown is what was declared
 * @param constructor of type {@link RecordShape#SPREADER}
 * @param detail what it carries, if anything
 */
record DeclaredException(Class<?> type, MethodHandle constructor, Optional<Detail> detail) {
    /**
     * What an exception carries.
     *
     * @param shape the record
     * @param accessor of type {@link RecordShape#ACCESSOR}
     * @param field the exception's name and {@code detail}, for messages
     */
    record Detail(RecordShape shape, MethodHandle accessor, String field) {}

    static DeclaredException of(Class<?> type, Shapes shapes, String path) {
        if (RuntimeException.class.isAssignableFrom(type) || !Exception.class.isAssignableFrom(type)) {
            throw refused(type, path, "is unchecked and never crosses; declare a checked exception or leave it out");
        }
        if (!Modifier.isFinal(type.getModifiers())) {
            throw refused(type, path, "is not final; declare a final exception class");
        }
        Constructor<?>[] constructors = type.getConstructors();
        if (constructors.length != 1 || constructors[0].getParameterCount() > 1) {
            throw refused(type, path, "needs exactly one public constructor, which takes nothing or one record");
        }
        Class<?>[] parameters = constructors[0].getParameterTypes();
        MethodHandle constructor = Shapes.constructor(type, path, parameters);
        if (parameters.length == 0) {
            return new DeclaredException(type, constructor, Optional.empty());
        }
        if (!(shapes.of(constructors[0].getGenericParameterTypes()[0], path + ".detail") instanceof RecordShape shape)) {
            throw refused(type, path, "needs a constructor that takes a record, not " + parameters[0].getTypeName());
        }
        try {
            Method accessor = type.getMethod("detail");
            if (accessor.getReturnType() == parameters[0] && !Modifier.isStatic(accessor.getModifiers())) {
                MethodHandle handle = Shapes.handle(accessor, path).asType(RecordShape.ACCESSOR);
                return new DeclaredException(
                        type, constructor, Optional.of(new Detail(shape, handle, type.getSimpleName() + ".detail")));
            }
        } catch (NoSuchMethodException e) {
            // Answered below.
        }
        throw refused(type, path, "needs a public method detail() that returns " + parameters[0].getTypeName());
    }

    private static UncarriableTypeException refused(Class<?> type, String path, String problem) {
        return new UncarriableTypeException(path, type.getTypeName() + " " + problem);
    }

    /** {@return the exception in the canonical text} */
    String term() {
        return Shape.nameOf(type) + "(" + detail.map(d -> d.shape().term()).orElse("") + ")";
    }

    void writeDetail(Output out, Detail carried, Throwable thrown) {
        Object value;
        try {
            value = (@Nullable Object) carried.accessor().invokeExact((Object) thrown);
        } catch (Throwable e) {
            throw new IllegalStateException(carried.field() + " cannot be read", e);
        }
        out.value(carried.shape(), value, carried.field(), Shape.MAX_DEPTH);
    }

    /**
     * Makes the exception again on the side of the caller.
     *
     * @param in where its detail comes next, or null where it has none or it was not disclosed
     * @return the exception, or empty where it cannot be made without its detail
     * @throws MalformedException if something else comes, or the constructor refuses the detail
     */
    Optional<Throwable> read(Input in) throws MalformedException {
        String field = type.getSimpleName();
        Object[] arguments = {};
        if (in.cbor().peek() == CborReader.Type.NULL) {
            in.cbor().nil(field);
            if (detail.isPresent()) {
                in.cbor().end(field);
                return Optional.empty();
            }
        } else {
            Detail carried = detail.orElseThrow(() -> new MalformedException(field, -1, "expected no detail, found some"));
            arguments = new Object[] {in.value(carried.shape(), carried.field(), Shape.MAX_DEPTH)};
        }
        in.cbor().end(field);
        try {
            return Optional.of((Throwable) (Object) constructor.invokeExact(arguments));
        } catch (Throwable e) {
            throw new MalformedException(field, -1, "refused by the constructor of " + type.getName());
        }
    }
}
