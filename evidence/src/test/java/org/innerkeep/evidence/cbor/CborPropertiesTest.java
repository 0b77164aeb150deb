package org.innerkeep.evidence.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.Test;

class CborPropertiesTest {
    private static final long SEED = 8949;

    @Test
    void whatIsWrittenReadsBackAsTheSame() {
        qt().withFixedSeed(SEED).forAll(longs().all()).checkAssert(seed -> {
            CborTree tree = CborTree.random(seed);

            assertThat(parse(tree.encode(), new ArrayList<>())).isEqualTo(tree);
        });
    }

    @Test
    void refusesAnyHeadThatIsLongerThanNeeded() {
        forEachItem((encoded, item) -> {
            byte[] head = widened(encoded, item.start());
            if (head.length > 0) {
                refuses(splice(encoded, item.start(), item.start() + headLength(encoded, item.start()), head));
            }
        });
    }

    @Test
    void refusesAnyIndefiniteLength() {
        forEachItem((encoded, item) -> {
            int major = encoded[item.start()] & 0xe0;
            byte[] open = {(byte) (major | 0x1f)};
            byte[] close = {(byte) 0xff};
            switch (item.type()) {
                // One chunk that holds the whole string.
                case BYTES, TEXT -> refuses(splice(
                        splice(encoded, item.end(), item.end(), close), item.start(), item.start(), open));
                case ARRAY, MAP -> refuses(splice(
                        splice(encoded, item.end(), item.end(), close),
                        item.start(),
                        item.start() + headLength(encoded, item.start()),
                        open));
                default -> {}
            }
        });
    }

    @Test
    void refusesAnyCutAndAnyByteTooMany() {
        qt().withFixedSeed(SEED).withExamples(50).forAll(longs().all()).checkAssert(seed -> {
            byte[] encoded = CborTree.random(seed).encode();
            for (int length = 0; length < encoded.length; length++) {
                refuses(Arrays.copyOf(encoded, length));
            }
            refuses(Arrays.copyOf(encoded, encoded.length + 1));
        });
    }

    /** A count decides on an allocation, so it must be refused by comparing it, whatever limit the caller gives. */
    @Test
    void refusesHugeCountsBeforeAllocating() {
        for (int major : new int[] {0x40, 0x60, 0x80, 0xa0}) {
            for (byte[] count : new byte[][] {
                {26, 0x7f, -1, -1, -1},
                {26, -1, -1, -1, -1},
                {27, 0, 0, 0, 1, 0, 0, 0, 0},
                {27, 0x7f, -1, -1, -1, -1, -1, -1, -1},
                {27, -1, -1, -1, -1, -1, -1, -1, -1},
            }) {
                byte[] encoded = Arrays.copyOf(count, count.length + 16);
                encoded[0] |= (byte) major;
                CborReader reader = new CborReader(encoded);
                assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> {
                    switch (major) {
                        case 0x40 -> reader.bytes("big", 0, Integer.MAX_VALUE);
                        case 0x60 -> reader.text("big", Integer.MAX_VALUE);
                        case 0x80 -> reader.array("big", 0, Integer.MAX_VALUE);
                        default -> reader.map("big", 0, Integer.MAX_VALUE);
                    }
                });
            }
        }
    }

    @Test
    void refusesMorePairsThanTheBytesThatRemainCanHold() {
        // Three pairs announced, five bytes left.
        byte[] encoded = {(byte) 0xa3, 0, 0, 1, 1, 2};

        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> new CborReader(encoded).map("map", 0, 10))
                .withMessageContaining("3 pairs");
    }

    @Test
    void readsNothingOutsideItsPartOfAnArray() {
        byte[] encoded = {0x01, 0x43, 1, 2, 3, 0x02};

        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> new CborReader(encoded, 1, 3).bytes("part", 0, 10));
    }

    @Test
    void refusesToWriteTextThatUtf8CannotCarry() {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new CborWriter().text("a\ud800"));
    }

    @Test
    void refusesToWriteNegativeCounts() {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new CborWriter().array(-1));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new CborWriter().map(-1));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new CborWriter().tag(-1));
    }

    private interface ItemCheck {
        void check(byte[] encoded, CborTree.Span item);
    }

    private static void forEachItem(ItemCheck check) {
        qt().withFixedSeed(SEED).withExamples(200).forAll(longs().all()).checkAssert(seed -> {
            byte[] encoded = CborTree.random(seed).encode();
            List<CborTree.Span> items = new ArrayList<>();
            parse(encoded, items);
            items.stream().limit(50).forEach(item -> check.check(encoded, item));
        });
    }

    private static CborTree parse(byte[] encoded, List<CborTree.Span> items) {
        try {
            return CborTree.parse(encoded, items);
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static void refuses(byte[] encoded) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> CborTree.parse(encoded));
    }

    private static int headLength(byte[] encoded, int start) {
        int info = encoded[start] & 0x1f;
        return info < 24 ? 1 : 1 + (1 << (info - 24));
    }

    /** The same head with its number one width longer; nothing where there is no longer one or it is no number. */
    private static byte[] widened(byte[] encoded, int start) {
        int first = encoded[start] & 0xff;
        int info = first & 0x1f;
        if (first >> 5 == 7 || info == 27) {
            return new byte[0];
        }
        byte[] wide = new byte[info < 24 ? 2 : 1 + (2 << (info - 24))];
        wide[0] = (byte) ((first & 0xe0) | (info < 24 ? 24 : info + 1));
        int old = headLength(encoded, start) - 1;
        if (old == 0) {
            wide[1] = (byte) info;
        } else {
            System.arraycopy(encoded, start + 1, wide, wide.length - old, old);
        }
        return wide;
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] instead) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        out.write(instead, 0, instead.length);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
