package org.innerkeep.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.evidence.MalformedException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A small record as bytes and back, against code written by hand for this one record, which checks nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RecordCodec {
    /**
     * What is carried.
     *
     * @param id whose
     * @param name of what
     * @param at when, milliseconds since 1970
     * @param value how much
     * @param valid whether that can be relied on
     */
    public record Reading(UUID id, String name, long at, double value, boolean valid) {}

    private final Reading reading =
            new Reading(new UUID(0x0123456789abcdefL, 0x8edcba9876543210L), "systolic pressure", 1_780_000_000_000L, 121.5, true);
    private final Codec<Reading> codec = Codec.of(Reading.class);
    private final byte[] encoded = codec.encode(reading);
    private final byte[] encodedByHand = byHand(reading);

    /** {@return the record's bytes} */
    @Benchmark
    public byte[] encode() {
        return codec.encode(reading);
    }

    /** {@return the record} */
    @Benchmark
    public Reading decode() throws MalformedException {
        return codec.decode(encoded);
    }

    /** {@return the record's bytes in the simplest form} */
    @Benchmark
    public byte[] encodeByHand() {
        return byHand(reading);
    }

    private static byte[] byHand(Reading reading) {
        byte[] name = reading.name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(37 + name.length)
                .putLong(reading.id.getMostSignificantBits())
                .putLong(reading.id.getLeastSignificantBits())
                .putInt(name.length)
                .put(name)
                .putLong(reading.at)
                .putDouble(reading.value)
                .put((byte) (reading.valid ? 1 : 0))
                .array();
    }

    /** {@return the record from the simplest form} */
    @Benchmark
    public Reading decodeByHand() {
        ByteBuffer in = ByteBuffer.wrap(encodedByHand);
        UUID id = new UUID(in.getLong(), in.getLong());
        byte[] name = new byte[in.getInt()];
        in.get(name);
        return new Reading(id, new String(name, StandardCharsets.UTF_8), in.getLong(), in.getDouble(), in.get() != 0);
    }
}
