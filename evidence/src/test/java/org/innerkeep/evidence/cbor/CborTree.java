package org.innerkeep.evidence.cbor;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** Any CBOR item that the reader accepts, as a value that can be compared and written again. */
sealed interface CborTree {
    record Int(long value) implements CborTree {}

    record ByteString(Bytes value) implements CborTree {}

    record Text(String value) implements CborTree {}

    record Array(List<CborTree> items) implements CborTree {}

    /** Keys and values in turn. */
    record Pairs(List<CborTree> items) implements CborTree {}

    record Tagged(long tag, CborTree item) implements CborTree {}

    record Bool(boolean value) implements CborTree {}

    record Null() implements CborTree {}

    record Binary32(float value) implements CborTree {}

    record Binary64(double value) implements CborTree {}

    /** Where an item stands. */
    record Span(CborReader.Type type, int start, int end) {}

    int MAX_DEPTH = 16;
    int MAX_BYTES = 1 << 16;
    List<Long> TAGS = List.of(0L, 1L, 2L, 3L, 18L, 23L, 24L, 32L);

    static CborTree parse(byte[] encoded) throws MalformedException {
        return parse(encoded, new ArrayList<>());
    }

    static CborTree parse(byte[] encoded, List<Span> spans) throws MalformedException {
        CborReader reader = new CborReader(encoded);
        CborTree tree = read(encoded, reader, 0, spans);
        reader.end("item");
        return tree;
    }

    private static CborTree read(byte[] encoded, CborReader reader, int depth, List<Span> spans)
            throws MalformedException {
        if (depth > MAX_DEPTH) {
            throw new MalformedException("item", reader.offset(), "too deep");
        }
        int start = reader.offset();
        CborReader.Type type = reader.peek();
        CborTree tree =
                switch (type) {
                    case INTEGER -> new Int(reader.integer("item"));
                    case BYTES -> new ByteString(Bytes.of(reader.bytes("item", 0, MAX_BYTES)));
                    case TEXT -> new Text(reader.text("item", MAX_BYTES));
                    case ARRAY -> new Array(
                            items(encoded, reader, reader.array("item", 0, MAX_BYTES), depth, spans));
                    case MAP -> new Pairs(items(encoded, reader, 2 * reader.map("item", 0, MAX_BYTES), depth, spans));
                    case TAG -> {
                        long tag = tag(encoded, start);
                        reader.tag("item", tag);
                        yield new Tagged(tag, read(encoded, reader, depth + 1, spans));
                    }
                    case BOOLEAN -> new Bool(reader.bool("item"));
                    case NULL -> {
                        reader.nil("item");
                        yield new Null();
                    }
                    case FLOAT32 -> new Binary32(reader.float32("item"));
                    case FLOAT64 -> new Binary64(reader.float64("item"));
                    case END, UNKNOWN -> throw new MalformedException("item", start, "nothing that is known");
                };
        spans.add(new Span(type, start, reader.offset()));
        return tree;
    }

    private static List<CborTree> items(
            byte[] encoded, CborReader reader, int count, int depth, List<Span> spans) throws MalformedException {
        List<CborTree> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(read(encoded, reader, depth + 1, spans));
        }
        return items;
    }

    /** The reader takes only a tag that its caller wants, so try each of a few. */
    private static long tag(byte[] encoded, int start) throws MalformedException {
        for (long tag : TAGS) {
            try {
                new CborReader(encoded, start, encoded.length - start).tag("item", tag);
                return tag;
            } catch (MalformedException e) {
                // Another one, perhaps.
            }
        }
        throw new MalformedException("item", start, "unknown tag");
    }

    default byte[] encode() {
        CborWriter writer = new CborWriter();
        write(writer);
        return writer.toByteArray();
    }

    private void write(CborWriter writer) {
        switch (this) {
            case Int number -> writer.integer(number.value());
            case ByteString bytes -> writer.bytes(bytes.value().toArray());
            case Text text -> writer.text(text.value());
            case Array array -> {
                writer.array(array.items().size());
                array.items().forEach(item -> item.write(writer));
            }
            case Pairs pairs -> {
                writer.map(pairs.items().size() / 2);
                pairs.items().forEach(item -> item.write(writer));
            }
            case Tagged tagged -> {
                writer.tag(tagged.tag());
                tagged.item().write(writer);
            }
            case Bool bool -> writer.bool(bool.value());
            case Null ignored -> writer.nil();
            case Binary32 single -> writer.float32(single.value());
            case Binary64 number -> writer.float64(number.value());
        }
    }

    /** A tree that this seed stands for. */
    static CborTree random(long seed) {
        return random(new SplittableRandom(seed), 4);
    }

    private static CborTree random(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth > 0 ? 11 : 8)) {
            // All widths of heads, both signs.
            case 0, 1 -> new Int(random.nextLong() >> random.nextInt(64));
            // Counts that need a longer head come with strings and with the known answers.
            case 2 -> new ByteString(Bytes.of(bytes(random)));
            case 3 -> new Text(random.ints(random.nextInt(40), 0, 0x110000)
                    .filter(c -> c < 0xd800 || c > 0xdfff)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString());
            case 4 -> new Bool(random.nextBoolean());
            case 5 -> new Null();
            case 6 -> new Binary32(Float.intBitsToFloat(random.nextInt()));
            case 7 -> new Binary64(Double.longBitsToDouble(random.nextLong()));
            case 8 -> new Array(items(random, random.nextInt(6), depth));
            case 9 -> new Pairs(items(random, 2 * random.nextInt(6), depth));
            default -> new Tagged(TAGS.get(random.nextInt(TAGS.size())), random(random, depth - 1));
        };
    }

    private static byte[] bytes(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static List<CborTree> items(SplittableRandom random, int count, int depth) {
        List<CborTree> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            items.add(random(random, random.nextInt(depth)));
        }
        return items;
    }
}
