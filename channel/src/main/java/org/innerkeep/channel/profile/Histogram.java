package org.innerkeep.channel.profile;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts numbers by size, eight classes to each doubling, in constant memory. Safe for use by several threads. */
final class Histogram {
    private static final int SUB_BITS = 3;
    private static final int CLASSES = (Long.SIZE - SUB_BITS + 1) << SUB_BITS;

    private final AtomicLongArray counts = new AtomicLongArray(CLASSES);
    private final AtomicLong sum = new AtomicLong();
    private final AtomicLong largest = new AtomicLong();

    /** Counts a number; one below 0 counts as 0. */
    void add(long number) {
        long value = Math.max(0, number);
        counts.incrementAndGet(index(value));
        sum.addAndGet(value);
        largest.accumulateAndGet(value, Math::max);
    }

    private static int index(long value) {
        if (value < 1 << SUB_BITS) {
            return (int) value;
        }
        int doublings = Long.SIZE - 1 - Long.numberOfLeadingZeros(value) - SUB_BITS;
        return (doublings << SUB_BITS) + (int) (value >>> doublings);
    }

    /** The least number of a class. */
    private static long least(int index) {
        int doublings = Math.max(0, (index >> SUB_BITS) - 1);
        return (long) (index - (doublings << SUB_BITS)) << doublings;
    }

    /** {@return what was counted; not of one moment where numbers are added meanwhile} */
    Spread spread() {
        long count = 0;
        long[] copy = new long[CLASSES];
        for (int i = 0; i < CLASSES; i++) {
            copy[i] = counts.get(i);
            count += copy[i];
        }
        if (count == 0) {
            return Spread.NONE;
        }
        int middle = 0;
        for (long below = copy[0]; below * 2 < count; below += copy[middle]) {
            middle++;
        }
        long most = largest.get();
        return new Spread(count, sum.get(), Math.min(most, least(middle)), most);
    }
}
