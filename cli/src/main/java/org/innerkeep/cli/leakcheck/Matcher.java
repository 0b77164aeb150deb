package org.innerkeep.cli.leakcheck;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Finds every occurrence of many patterns in a stream of bytes, at any offset, in one pass.
 *
 * <p>Of each pattern eight consecutive bytes are its anchor. At each offset of the stream eight bytes are hashed and looked up
 * first in a bitmap small enough for a processor's cache, then in an open-addressing table of anchors; only there are whole
 * patterns compared. The anchor is the stretch with the most different bytes, not simply the first: features often begin with
 * zeros, and so do most pages of memory.
 *
 * <p>Immutable and safe for use by several threads; a {@link Search} belongs to one.
 */
final class Matcher {
    /** The fewest bytes of a pattern. */
    static final int ANCHOR = Long.BYTES;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** 2⁶⁴ divided by the golden ratio, odd. The upper bits of a product depend on all bits of its factors. */
    private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;
    private static final int CHUNK = 1 << 20;
    /** How much of a long pattern is considered for its anchor. */
    private static final int ANCHOR_CHOICES = 64;

    private final byte[][] patterns;
    private final int[] anchors;
    private final int longest;
    private final long[] bitmap;
    private final int bitmapShift;
    private final long[] keys;
    private final int tableShift;
    /** Of each slot the first pattern with that anchor, or -1; of each pattern the next one, or -1. */
    private final int[] head;
    private final int[] next;

    /** Where bytes come from. */
    @FunctionalInterface
    interface Source {
        /** Reads between one and {@code length} bytes and returns how many, or -1 at the end. */
        int read(byte[] into, int offset, int length);
    }

    /** Where findings go. */
    @FunctionalInterface
    interface Sink {
        /** Takes the index of a pattern and the offset in the stream at which it begins. */
        void found(int pattern, long offset);
    }

    /** Prepares a search for patterns of at least {@link #ANCHOR} bytes, which must not change any more. */
    Matcher(List<byte[]> patterns) {
        this.patterns = patterns.toArray(byte[][]::new);
        int count = this.patterns.length;
        int tableBits = bits(2L * count, 4);
        int bitmapBits = Math.min(bits(32L * count, 10), 24);
        this.anchors = new int[count];
        this.longest = Arrays.stream(this.patterns).mapToInt(pattern -> pattern.length).max().orElse(ANCHOR);
        this.bitmap = new long[1 << (bitmapBits - 6)];
        this.bitmapShift = Long.SIZE - bitmapBits;
        this.keys = new long[1 << tableBits];
        this.tableShift = Long.SIZE - tableBits;
        this.head = new int[1 << tableBits];
        this.next = new int[count];
        Arrays.fill(head, -1);
        for (int i = 0; i < count; i++) {
            if (this.patterns[i].length < ANCHOR) {
                throw new IllegalArgumentException("pattern " + i + " has fewer than " + ANCHOR + " bytes");
            }
            anchors[i] = anchor(this.patterns[i]);
            long key = (long) LONG.get(this.patterns[i], anchors[i]);
            long hash = key * MULTIPLIER;
            int bit = (int) (hash >>> bitmapShift);
            bitmap[bit >>> 6] |= 1L << bit;
            int slot = slot(key, hash);
            keys[slot] = key;
            next[i] = head[slot];
            head[slot] = i;
        }
    }

    /** The least number of bits that counts to {@code values}, and no fewer than {@code fewest}. */
    private static int bits(long values, int fewest) {
        return Math.max(fewest, Long.SIZE - Long.numberOfLeadingZeros(values));
    }

    private static int anchor(byte[] pattern) {
        int best = 0;
        int most = -1;
        for (int at = 0; at + ANCHOR <= Math.min(pattern.length, ANCHOR_CHOICES); at++) {
            int different = 0;
            for (int i = at; i < at + ANCHOR; i++) {
                int b = pattern[i];
                boolean fresh = b != 0;
                for (int j = at; j < i && fresh; j++) {
                    fresh = pattern[j] != b;
                }
                different += fresh ? 1 : 0;
            }
            if (different > most) {
                most = different;
                best = at;
            }
        }
        return best;
    }

    /** The slot that holds the key, or the free one where it belongs. The table is never more than half full. */
    private int slot(long key, long hash) {
        int slot = (int) (hash >>> tableShift);
        while (head[slot] >= 0 && keys[slot] != key) {
            slot = (slot + 1) & (head.length - 1);
        }
        return slot;
    }

    /** {@return a search with a window of its own} */
    Search search() {
        return new Search(CHUNK);
    }

    /** {@return a search that takes this many new bytes at a time, at least {@link #ANCHOR}} */
    Search search(int chunk) {
        return new Search(chunk);
    }

    /** One thread's window on the bytes. One stream after another can be searched with it. */
    final class Search {
        private final byte[] window;

        private Search(int chunk) {
            this.window = new byte[longest - 1 + chunk];
        }

        /**
         * Searches a stream to its end.
         *
         * @return the number of bytes read
         */
        long run(Source source, Sink sink) {
            int carried = 0;
            long base = 0;
            while (true) {
                int end = fill(source, carried);
                if (end == carried) {
                    return base + end;
                }
                match(carried, end, base, sink);
                // A pattern that goes on in the next chunk began among the last bytes of this one.
                int keep = Math.min(end, longest - 1);
                System.arraycopy(window, end - keep, window, 0, keep);
                base += end - keep;
                carried = keep;
            }
        }

        /** {@return whether any pattern is in these bytes} */
        boolean anyIn(byte[] bytes) {
            boolean[] any = new boolean[1];
            run(of(bytes), (pattern, offset) -> any[0] = true);
            return any[0];
        }

        private int fill(Source source, int from) {
            int end = from;
            while (end < window.length) {
                int n = source.read(window, end, window.length - end);
                if (n < 0) {
                    break;
                }
                end += n;
            }
            return end;
        }

        private void match(int carried, int end, long base, Sink sink) {
            byte[] bytes = window;
            long[] filter = bitmap;
            int shift = bitmapShift;
            for (int at = 0; at <= end - ANCHOR; at++) {
                long key = (long) LONG.get(bytes, at);
                long hash = key * MULTIPLIER;
                int bit = (int) (hash >>> shift);
                if ((filter[bit >>> 6] & 1L << bit) != 0) {
                    compare(key, hash, at, carried, end, base, sink);
                }
            }
        }

        private void compare(long key, long hash, int at, int carried, int end, long base, Sink sink) {
            for (int i = head[slot(key, hash)]; i >= 0; i = next[i]) {
                byte[] pattern = patterns[i];
                int begin = at - anchors[i];
                int past = begin + pattern.length;
                // What ends among the carried bytes was found with the chunk before.
                if (begin >= 0 && past > carried && past <= end
                        && Arrays.equals(window, begin, past, pattern, 0, pattern.length)) {
                    sink.found(i, base + begin);
                }
            }
        }
    }

    /** {@return a source of bytes that are at hand} */
    static Source of(byte[] bytes) {
        return new Source() {
            private int at;

            @Override
            public int read(byte[] into, int offset, int length) {
                if (at == bytes.length) {
                    return -1;
                }
                int n = Math.min(length, bytes.length - at);
                System.arraycopy(bytes, at, into, offset, n);
                at += n;
                return n;
            }
        };
    }
}
