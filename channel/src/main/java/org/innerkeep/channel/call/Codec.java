package org.innerkeep.channel.call;

import java.util.Objects;
import org.innerkeep.evidence.MalformedException;

/**
 * Writes values of one type as CBOR and reads them back, strictly and by the type alone: nothing in the bytes chooses a class.
 * Each value has one encoding, so equal values have equal bytes on every machine, and {@code encode(decode(bytes))} gives the
 * same bytes for all bytes that are accepted. That makes the bytes fit to be digested and signed.
 *
 * <table class="striped">
 * <caption>What is carried, and how</caption>
 * <thead><tr><th>Java</th><th>CBOR</th></tr></thead>
 * <tbody>
 * <tr><td>{@code boolean}</td><td>true or false</td></tr>
 * <tr><td>{@code byte}, {@code short}, {@code int}, {@code long}, {@code char}</td><td>integer</td></tr>
 * <tr><td>{@code float}, {@code double}</td><td>number of 32 or 64 bits; one NaN</td></tr>
 * <tr><td>{@code String}</td><td>text; unpaired surrogates are refused</td></tr>
 * <tr><td>{@code byte[]}</td><td>byte string</td></tr>
 * <tr><td>{@code UUID}</td><td>16 bytes</td></tr>
 * <tr><td>{@code BigInteger}</td><td>byte string, two's complement, at most 2048 bytes</td></tr>
 * <tr><td>{@code BigDecimal}</td><td>[scale, unscaled value], scale from -9999 to 9999</td></tr>
 * <tr><td>{@code Instant}, {@code Duration}</td><td>[seconds, nanoseconds]</td></tr>
 * <tr><td>{@code LocalDate}, {@code LocalTime}, {@code LocalDateTime}</td><td>ISO 8601 text</td></tr>
 * <tr><td>enum</td><td>name of the constant as text</td></tr>
 * <tr><td>record</td><td>array of its components in order</td></tr>
 * <tr><td>sealed interface of records</td><td>array of the record's simple name and its components</td></tr>
 * <tr><td>{@code List}</td><td>array</td></tr>
 * <tr><td>{@code Set}</td><td>array, ascending by the elements' bytes</td></tr>
 * <tr><td>{@code Map}</td><td>map, ascending by the keys' bytes</td></tr>
 * <tr><td>{@code Optional}</td><td>the value, or null</td></tr>
 * </tbody>
 * </table>
 *
 * <p>Map keys and set elements are text, whole numbers, enums, booleans, UUIDs, instants or durations; where order carries
 * meaning, use a list. Collections read are unmodifiable. Null is never carried. Values are nested at most 64 deep. Records
 * are made by their own constructor, so what it checks holds; one that changes what it is given (trims a text, say) refuses
 * values not already in that form.
 *
 * <p>Decoding takes memory in proportion to the bytes given, up to about fifty times for collections of tiny values. Bound
 * the bytes before.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param <T> the type
 */
public final class Codec<T> {
    private final String name;
    private final Shape shape;

    private Codec(String name, Shape shape) {
        this.name = name;
        this.shape = shape;
    }

    /**
     * Prepares a codec.
     *
     * @param <T> the type
     * @param type a record, a sealed interface of records, an enum or one of the simple types
     * @return the codec
     * @throws UncarriableTypeException if the type or something in it cannot be carried
     */
    public static <T> Codec<T> of(Class<T> type) {
        Objects.requireNonNull(type, "type");
        return new Codec<>(type.getSimpleName(), new Shapes(false).of(type, type.getSimpleName()));
    }

    /**
     * Writes a value.
     *
     * @param value the value
     * @return its bytes
     * @throws IllegalArgumentException if something in the value is null, nested too deep or out of the range of its type;
     *     the message names the component, never its value
     */
    public byte[] encode(T value) {
        Output out = new Output(Integer.MAX_VALUE);
        out.value(shape, value, name, Shape.MAX_DEPTH);
        return out.cbor().toByteArray();
    }

    /**
     * Reads a value.
     *
     * @param bytes hostile bytes, exactly one value
     * @return the value
     * @throws MalformedException if the bytes are not the encoding of a value
     */
    // The shape was derived from the class of T and makes nothing else; Class.cast would refuse primitive types.
    @SuppressWarnings("unchecked")
    public T decode(byte[] bytes) throws MalformedException {
        Input in = Input.of(bytes);
        Object value = in.value(shape, name, Shape.MAX_DEPTH);
        in.cbor().end(name);
        return (T) value;
    }
}
