package org.innerkeep.channel.call;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;

/** The types that are carried as one item, or as a pair of numbers. */
enum Scalar implements Shape {
    BOOL("bool", boolean.class, Boolean.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().bool((Boolean) value);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return in.cbor().bool(field);
        }
    },
    INT8("int8", byte.class, Byte.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().integer((Byte) value);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return (byte) in.cbor().integer(field, Byte.MIN_VALUE, Byte.MAX_VALUE);
        }
    },
    INT16("int16", short.class, Short.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().integer((Short) value);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return (short) in.cbor().integer(field, Short.MIN_VALUE, Short.MAX_VALUE);
        }
    },
    INT32("int32", int.class, Integer.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().integer((Integer) value);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return (int) in.cbor().integer(field, Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
    },
    INT64("int64", long.class, Long.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().integer((Long) value);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return in.cbor().integer(field);
        }
    },
    /** The number of a stream that crosses in a call; only a whole parameter or result is one. */
    STREAM("stream") {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().integer((Long) value);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return in.cbor().integer(field, 1, Long.MAX_VALUE);
        }
    },
    /** One UTF-16 unit as its number: text could not hold half of a surrogate pair. */
    CHAR("char", char.class, Character.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().integer((Character) value);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return (char) in.cbor().integer(field, Character.MIN_VALUE, Character.MAX_VALUE);
        }
    },
    FLOAT32("float32", float.class, Float.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().float32((Float) value);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return in.cbor().float32(field);
        }
    },
    FLOAT64("float64", double.class, Double.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().float64((Double) value);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return in.cbor().float64(field);
        }
    },
    TEXT("text", String.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            String text = (String) value;
            requireWellFormed(text, field);
            out.cbor().text(text);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return in.cbor().text(field, Integer.MAX_VALUE);
        }
    },
    BYTES("bytes", byte[].class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().bytes((byte[]) value);
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return in.cbor().bytes(field, 0, Integer.MAX_VALUE);
        }

        @Override
        public boolean same(Object a, Object b) {
            return Arrays.equals((byte[]) a, (byte[]) b);
        }
    },
    UUID16("uuid", UUID.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            UUID uuid = (UUID) value;
            out.cbor().bytes(ByteBuffer.allocate(16)
                    .putLong(uuid.getMostSignificantBits())
                    .putLong(uuid.getLeastSignificantBits())
                    .array());
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            ByteBuffer bytes = ByteBuffer.wrap(in.cbor().bytes(field, 16, 16));
            return new UUID(bytes.getLong(), bytes.getLong());
        }
    },
    /** Two's complement, big-endian, as short as can be. */
    BIG_INTEGER("bigint", BigInteger.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().bytes(magnitude((BigInteger) value, field));
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return bigInteger(in.cbor(), field);
        }
    },
    /** Scale, then unscaled value. The scale is bounded, so that no later arithmetic writes out a billion zeros. */
    BIG_DECIMAL("decimal", BigDecimal.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            BigDecimal decimal = (BigDecimal) value;
            if (Math.abs((long) decimal.scale()) > MAX_SCALE) {
                throw new IllegalArgumentException(field + " has a scale beyond " + MAX_SCALE);
            }
            out.cbor().array(2).integer(decimal.scale()).bytes(magnitude(decimal.unscaledValue(), field));
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            in.cbor().arrayOf(field, 2);
            int scale = (int) in.cbor().integer(field, -MAX_SCALE, MAX_SCALE);
            return new BigDecimal(bigInteger(in.cbor(), field), scale);
        }
    },
    /** Seconds since 1970-01-01T00:00:00Z, then nanoseconds. */
    INSTANT("instant", Instant.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            Instant instant = (Instant) value;
            out.cbor().array(2).integer(instant.getEpochSecond()).integer(instant.getNano());
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            in.cbor().arrayOf(field, 2);
            long seconds = in.cbor().integer(field, Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond());
            return Instant.ofEpochSecond(seconds, in.cbor().integer(field, 0, MAX_NANOS));
        }
    },
    /** Seconds, then nanoseconds, which are never negative. */
    DURATION("duration", Duration.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            Duration duration = (Duration) value;
            out.cbor().array(2).integer(duration.getSeconds()).integer(duration.getNano());
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            in.cbor().arrayOf(field, 2);
            long seconds = in.cbor().integer(field);
            return Duration.ofSeconds(seconds, in.cbor().integer(field, 0, MAX_NANOS));
        }
    },
    DATE("date", LocalDate.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().text(value.toString());
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return isoText(in.cbor(), field, LocalDate::parse);
        }
    },
    TIME("time", LocalTime.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().text(value.toString());
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return isoText(in.cbor(), field, LocalTime::parse);
        }
    },
    DATE_TIME("datetime", LocalDateTime.class) {
        @Override
        public void write(Output out, Object value, String field, int depth) {
            out.cbor().text(value.toString());
        }

        @Override
        public Object read(Input in, String field, int depth) throws MalformedException {
            return isoText(in.cbor(), field, LocalDateTime::parse);
        }
    };

    /** Bytes of a big number: 16,384 bits, as much as the largest RSA modulus in use. */
    private static final int MAX_BIG_BYTES = 2048;

    private static final int MAX_SCALE = 9999;
    private static final long MAX_NANOS = 999_999_999;

    /** As long as the longest ISO text of a date with a time: {@code +999999999-12-31T23:59:59.999999999}. */
    private static final int MAX_ISO_BYTES = 35;

    private final String term;

    @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
    private final List<Class<?>> types;

    Scalar(String term, Class<?>... types) {
        this.term = term;
        this.types = List.of(types);
    }

    /** {@return the Java types that it carries} */
    List<Class<?>> types() {
        return types;
    }

    @Override
    public String term() {
        return term;
    }

    @Override
    public boolean keyable() {
        return switch (this) {
            case BOOL, INT8, INT16, INT32, INT64, CHAR, TEXT, UUID16, BIG_INTEGER, INSTANT, DURATION -> true;
            // Equal numbers that differ: 0.0 and -0.0, 1.0 and 1.00. Identity, not value: byte[]. Not directly comparable
            // with themselves, which is what keeps a crowded hash bucket fast: dates and times.
            case FLOAT32, FLOAT64, BIG_DECIMAL, BYTES, DATE, TIME, DATE_TIME, STREAM -> false;
        };
    }

    /** Refuses text that UTF-8 cannot say, which the writer would change silently. */
    private static void requireWellFormed(String text, String field) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c) || i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new IllegalArgumentException(field + " has an unpaired surrogate at index " + i);
                }
                i++;
            }
        }
    }

    private static byte[] magnitude(BigInteger value, String field) {
        byte[] bytes = value.toByteArray();
        if (bytes.length > MAX_BIG_BYTES) {
            throw new IllegalArgumentException(field + " is a number of more than " + MAX_BIG_BYTES + " bytes");
        }
        return bytes;
    }

    private static BigInteger bigInteger(CborReader cbor, String field) throws MalformedException {
        int start = cbor.offset();
        byte[] bytes = cbor.bytes(field, 1, MAX_BIG_BYTES);
        if (bytes.length > 1 && ((bytes[0] == 0 && bytes[1] >= 0) || (bytes[0] == -1 && bytes[1] < 0))) {
            throw new MalformedException(field, start, "expected the shortest two's complement, found a longer one");
        }
        return new BigInteger(bytes);
    }

    private static Object isoText(CborReader cbor, String field, Function<String, Object> parse) throws MalformedException {
        int start = cbor.offset();
        String text = cbor.text(field, MAX_ISO_BYTES);
        try {
            Object value = parse.apply(text);
            if (value.toString().equals(text)) {
                return value;
            }
        } catch (DateTimeException e) {
            // Answered below; the exception's message would repeat the text.
        }
        throw new MalformedException(field, start, "expected ISO 8601 text in its shortest form");
    }
}
