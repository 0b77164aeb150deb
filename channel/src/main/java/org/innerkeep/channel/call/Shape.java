package org.innerkeep.channel.call;

import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/**
 * One carriable type: its term in a schema, its writer and its reader. Whatever a shape reads, it writes back byte for byte.
 * Values are nested through {@link Output#value} and {@link Input#value}, which hold the rules common to all. Immutable once
 * its schema is derived.
 */
sealed interface Shape
        permits Scalar, EnumShape, RecordShape, SealedShape, ListShape, SetShape, MapShape, OptionalShape {
    /** How deep values may be nested. Far below what any thread's stack holds, well above what real data needs. */
    int MAX_DEPTH = 64;

    /** {@return the type in the canonical text of a schema} */
    String term();

    /**
     * {@return whether values may be map keys and set elements} Only types that the other end cannot make collide in a hash
     * table at the cost of quadratic time: those with few values, or whose class is directly comparable with itself.
     */
    default boolean keyable() {
        return false;
    }

    /**
     * Writes a value.
     *
     * @param out where to
     * @param value a value of the Java type
     * @param field where it stands, for messages
     * @param depth how deep values may still be nested in it
     */
    void write(Output out, Object value, String field, int depth);

    /**
     * Reads a value.
     *
     * @param in where from
     * @param field where it stands, for messages
     * @param depth how deep values may still be nested in it
     * @return a value of the Java type
     * @throws MalformedException if the bytes are no value of this type in its one encoding
     */
    Object read(Input in, String field, int depth) throws MalformedException;

    /**
     * Tells whether two values have the same encoding. Used to notice records that do not keep what they are given.
     *
     * @param a a value
     * @param b another
     * @return whether they do
     */
    default boolean same(Object a, Object b) {
        return a.equals(b);
    }

    /** {@return whether two values, as an accessor or a collection gives them, have the same encoding} */
    @SuppressWarnings("ReferenceEquality") // Only the quick case; others are compared by their shape.
    static boolean alike(Shape shape, @Nullable Object a, @Nullable Object b) {
        return a == b || (a != null && b != null && shape.same(a, b));
    }

    /**
     * {@return the name of a class in the canonical text} It always has a dot, so that a class without a package is never
     * taken for one of the built-in terms.
     */
    static String nameOf(Class<?> type) {
        String name = type.getName();
        return name.indexOf('.') < 0 ? "." + name : name;
    }
}
