package org.innerkeep.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.innerkeep.bench.inside.Reading;
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
    private final Reading reading = Reading.EXAMPLE;
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
        byte[] name = reading.name().getBytes(StandardCharsets.UTF_8);
        byte[] unit = reading.unit().getBytes(StandardCharsets.UTF_8);
        byte[] note = reading.note().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(49 + name.length + unit.length + note.length)
                .putLong(reading.id().getMostSignificantBits())
                .putLong(reading.id().getLeastSignificantBits())
                .putInt(name.length)
                .put(name)
                .putInt(unit.length)
                .put(unit)
                .putLong(reading.at())
                .putDouble(reading.value())
                .putInt(reading.device())
                .put((byte) (reading.valid() ? 1 : 0))
                .putInt(note.length)
                .put(note)
                .array();
    }

    /** {@return the record from the simplest form} */
    @Benchmark
    public Reading decodeByHand() {
        ByteBuffer in = ByteBuffer.wrap(encodedByHand);
        UUID id = new UUID(in.getLong(), in.getLong());
        return new Reading(id, text(in), text(in), in.getLong(), in.getDouble(), in.getInt(), in.get() != 0, text(in));
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
