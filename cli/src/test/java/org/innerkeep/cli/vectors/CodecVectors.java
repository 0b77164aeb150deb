package org.innerkeep.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.call.ServiceSchema;
import org.innerkeep.cli.vectors.Oven.Circle;
import org.innerkeep.cli.vectors.Oven.Collections;
import org.innerkeep.cli.vectors.Oven.Colour;
import org.innerkeep.cli.vectors.Oven.Empty;
import org.innerkeep.cli.vectors.Oven.Everything;
import org.innerkeep.cli.vectors.Oven.Numbers;
import org.innerkeep.cli.vectors.Oven.Shape;
import org.innerkeep.cli.vectors.Oven.Square;
import org.innerkeep.cli.vectors.Oven.Times;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.examples.hello.Greeting;

/** Schemas and values. */
final class CodecVectors {
    private static final String P = "org.innerkeep.cli.vectors.Oven$";

    static final Everything EVERYTHING = new Everything(
            "caf\u00e9 \ud83d\ude00",
            new byte[] {0, 1, (byte) 0xff},
            UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
            new Numbers(
                    true, (byte) -128, (short) 32767, -2147483648, Long.MIN_VALUE, '\u00e9', 1.5f, -0.0,
                    BigInteger.TWO.pow(64), new BigDecimal("-12.50")),
            new Times(
                    Instant.parse("2026-01-02T03:04:05.000000006Z"),
                    Duration.ofMillis(-1),
                    LocalDate.of(2026, 1, 2),
                    LocalTime.of(3, 4),
                    LocalDateTime.of(2026, 1, 2, 3, 4, 5, 600_000_000)),
            new Collections(
                    List.of(new Circle(0.5), new Square(2, Optional.of(Colour.GREEN)), new Empty()),
                    Set.of(-1L, 1000L, 10L),
                    Map.of("b", List.of(), "aa", List.of(1, 2)),
                    Map.of(Colour.RED, true),
                    Optional.empty()));

    private CodecVectors() {}

    static Map<String, Object> schemas() {
        return new Entry()
                .put("about", "Canonical texts of interfaces and their digests; docs/protocol.md, section 5.4.")
                .put("schemas", List.of(schema(ServiceSchema.of(Greeting.class)), schema(ServiceSchema.of(Oven.class))))
                .map();
    }

    private static Map<String, Object> schema(ServiceSchema<?> schema) {
        return new Entry()
                .put("name", schema.name())
                .put("text", schema.text())
                .put("digest", schema.digest().hex())
                .map();
    }

    static Map<String, Object> values() {
        List<Object> values = new ArrayList<>();
        add(values, "bool", boolean.class, true, true);
        add(values, "bool", boolean.class, false, false);
        add(values, "int8", byte.class, (byte) -128, "-128");
        add(values, "int16", short.class, (short) 256, "256");
        add(values, "int32", int.class, -65537, "-65537");
        add(values, "int64", long.class, Long.MAX_VALUE, "9223372036854775807");
        add(values, "int64", long.class, Long.MIN_VALUE, "-9223372036854775808");
        add(values, "int64", long.class, 23L, "23");
        add(values, "int64", long.class, 24L, "24");
        add(values, "char", char.class, '\ud83d', "55357");
        add(values, "float32", float.class, 1.5f, "1.5");
        add(values, "float32", float.class, Float.NaN, "NaN");
        add(values, "float64", double.class, 0.1, "0.1");
        add(values, "float64", double.class, -0.0, "-0");
        add(values, "float64", double.class, Double.NEGATIVE_INFINITY, "-Infinity");
        add(values, "text", String.class, "", "");
        add(values, "text", String.class, "\ufeffcaf\u00e9 \ud83d\ude00", "\ufeffcaf\u00e9 \ud83d\ude00");
        add(values, "bytes", byte[].class, new byte[] {0, (byte) 0xff}, "00ff");
        add(values, "uuid", UUID.class, EVERYTHING.id(), "00112233-4455-6677-8899-aabbccddeeff");
        add(values, "bigint", BigInteger.class, BigInteger.ZERO, "0");
        add(values, "bigint", BigInteger.class, BigInteger.valueOf(128), "128");
        add(values, "bigint", BigInteger.class, BigInteger.valueOf(-128), "-128");
        add(values, "decimal", BigDecimal.class, new BigDecimal("-12.50"), scaled("2", "-1250"));
        add(values, "decimal", BigDecimal.class, new BigDecimal("1E+3"), scaled("-3", "1"));
        add(values, "instant", Instant.class, Instant.ofEpochSecond(-1, 999_999_999), seconds("-1", "999999999"));
        add(values, "duration", Duration.class, Duration.ofMillis(-1), seconds("-1", "999000000"));
        add(values, "date", LocalDate.class, LocalDate.of(2024, 2, 29), "2024-02-29");
        add(values, "date", LocalDate.class, LocalDate.of(-1, 1, 1), "-0001-01-01");
        add(values, "date", LocalDate.class, LocalDate.of(10000, 1, 1), "+10000-01-01");
        add(values, "time", LocalTime.class, LocalTime.of(3, 4), "03:04");
        add(values, "time", LocalTime.class, LocalTime.of(3, 4, 0, 500_000), "03:04:00.000500");
        add(values, "datetime", LocalDateTime.class, LocalDateTime.MAX, "+999999999-12-31T23:59:59.999999999");
        add(values, P + "Colour", Colour.class, Colour.GREEN, "GREEN");
        add(values, P + "Square", Square.class, new Square(2, Optional.of(Colour.RED)),
                new Entry().put("side", "2").put("colour", "RED").map());
        add(values, P + "Square", Square.class, new Square(2, Optional.empty()),
                new Entry().put("side", "2").put("colour", "none").map());
        add(values, P + "Shape", Shape.class, new Empty(), new Entry().put("$type", "Empty").map());
        add(values, P + "Shape", Shape.class, new Circle(1), new Entry().put("$type", "Circle").put("radius", "1").map());
        add(values, P + "Collections", Collections.class, EVERYTHING.collections(), collections());
        return new Entry()
                .put("about", "Values and their one encoding; docs/protocol.md, section 5.5. Numbers are texts, bytes are"
                        + " hexadecimal, an empty optional is the text none, a map is a list of pairs.")
                .put("types", declarations())
                .put("values", values)
                .put("refused", refused())
                .map();
    }

    private static List<Object> declarations() {
        return ServiceSchema.of(Oven.class).text().lines()
                .filter(line -> line.startsWith("record ") || line.startsWith("sealed ") || line.startsWith("enum "))
                .map(Object.class::cast)
                .toList();
    }

    private static Map<String, Object> scaled(String scale, String unscaled) {
        return new Entry().put("scale", scale).put("unscaled", unscaled).map();
    }

    private static Map<String, Object> seconds(String seconds, String nanos) {
        return new Entry().put("seconds", seconds).put("nanos", nanos).map();
    }

    private static Map<String, Object> collections() {
        return new Entry()
                .put("list", List.of(
                        new Entry().put("$type", "Circle").put("radius", "0.5").map(),
                        new Entry().put("$type", "Square").put("side", "2").put("colour", "GREEN").map(),
                        new Entry().put("$type", "Empty").map()))
                .put("set", List.of("10", "1000", "-1"))
                .put("map", List.of(List.of("b", List.of()), List.of("aa", List.of("1", "2"))))
                .put("byColour", List.of(List.of("RED", true)))
                .put("maybe", "none")
                .map();
    }

    private static <T> void add(List<Object> values, String type, Class<T> of, Object value, Object shown) {
        @SuppressWarnings("unchecked") // The class of a primitive type boxes.
        Codec<Object> codec = (Codec<Object>) Codec.of(of);
        byte[] encoded = codec.encode(value);
        try {
            assertThat(codec.encode(codec.decode(encoded))).as(type).isEqualTo(encoded);
        } catch (MalformedException e) {
            throw new AssertionError(type, e);
        }
        values.add(new Entry().put("type", type).put("value", shown).put("encoded", Bytes.of(encoded).hex()).map());
    }

    private static List<Object> refused() {
        Map<Class<?>, String> names = new LinkedHashMap<>();
        names.put(long.class, "int64");
        names.put(byte.class, "int8");
        names.put(float.class, "float32");
        names.put(double.class, "float64");
        names.put(String.class, "text");
        names.put(BigInteger.class, "bigint");
        names.put(BigDecimal.class, "decimal");
        names.put(Duration.class, "duration");
        names.put(LocalDate.class, "date");
        names.put(LocalTime.class, "time");
        names.put(boolean.class, "bool");
        names.put(Colour.class, P + "Colour");
        names.put(Square.class, P + "Square");
        names.put(Shape.class, P + "Shape");
        names.put(Collections.class, P + "Collections");
        List<Object> refused = new ArrayList<>();
        refuse(refused, names, long.class, "1817", "a number below 24 in two bytes");
        refuse(refused, names, long.class, "1b0000000000000018", "a small number in nine bytes");
        refuse(refused, names, long.class, "1b8000000000000000", "more than 63 bits and a sign");
        refuse(refused, names, long.class, "00f6", "bytes that follow");
        refuse(refused, names, long.class, "c100", "a tag");
        refuse(refused, names, byte.class, "1880", "128 in eight bits");
        refuse(refused, names, float.class, "fb3ff8000000000000", "64 bits where 32 are wanted");
        refuse(refused, names, float.class, "fa7fc00001", "another NaN");
        refuse(refused, names, double.class, "f93e00", "half precision");
        refuse(refused, names, double.class, "fb7ff0000000000001", "another NaN");
        refuse(refused, names, String.class, "62c328", "not UTF-8");
        refuse(refused, names, String.class, "63eda080", "a surrogate in UTF-8");
        refuse(refused, names, String.class, "7f6161ff", "indefinite length");
        refuse(refused, names, String.class, "6261", "cut");
        refuse(refused, names, String.class, "7affffffff", "four gigabytes announced");
        refuse(refused, names, BigInteger.class, "420001", "two's complement longer than needed");
        refuse(refused, names, BigInteger.class, "40", "no bytes");
        refuse(refused, names, BigDecimal.class, "8219271041" + "01", "a scale of 10000");
        refuse(refused, names, Duration.class, "821a3b9aca001a3b9aca00", "a billion nanoseconds");
        refuse(refused, names, LocalDate.class, "6a323032332d30322d3239", "29 February 2023");
        refuse(refused, names, LocalDate.class, "6b2b323032342d30322d3239", "a sign that is not needed");
        refuse(refused, names, LocalTime.class, "6830333a30343a3030", "seconds that are not needed");
        refuse(refused, names, boolean.class, "f7", "undefined");
        refuse(refused, names, Colour.class, "64424c5545", "no constant BLUE");
        refuse(refused, names, Square.class, "8102", "one component of two");
        refuse(refused, names, Square.class, "8202f7", "undefined in place of null");
        refuse(refused, names, Shape.class, "8166436972636c65", "a record without its component");
        refuse(refused, names, Shape.class, "8167556e6b6e6f776e", "a record that is not permitted");
        refuse(refused, names, Collections.class, "8580820a0aa0a0f6", "a set with two equal elements");
        refuse(refused, names, Collections.class, "8580820a09a0a0f6", "a set out of order");
        refuse(refused, names, Collections.class, "858080a2626161806162" + "80" + "a0f6", "a map out of order");
        return refused;
    }

    private static void refuse(List<Object> refused, Map<Class<?>, String> names, Class<?> type, String hex, String why) {
        assertThatExceptionOfType(MalformedException.class)
                .as(why)
                .isThrownBy(() -> Codec.of(type).decode(Bytes.fromHex(hex).toArray()));
        refused.add(new Entry().put("type", String.valueOf(names.get(type))).put("encoded", hex).put("why", why).map());
    }

    /** An object of a vector file, in the order in which it is written. */
    static final class Entry {
        private final Map<String, Object> members = new LinkedHashMap<>();

        Entry put(String key, Object value) {
            members.put(key, value);
            return this;
        }

        Map<String, Object> map() {
            return members;
        }
    }
}
