package org.innerkeep.channel.ring;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decides whether a thread may look at a word again and again before it sleeps: only where what it waits for came soon of late, and
 * only as many threads with the same memory as leave a processor. One for each end of a connection. Safe for use by several threads;
 * that they overwrite each other's measurements does no harm.
 */
final class Spinning {
    /** How long at most. Two sleeps and two wake-ups take about as long. */
    static final long MOST_NANOS = 50_000;

    /** What waits of late may take on average for spinning to be worth it. Above {@link #MOST_NANOS}: waits of sleepers are longer. */
    private static final long WORTH_NANOS = 150_000;

    private static final long OUTLIER_NANOS = 8 * WORTH_NANOS;

    private static final int MOST_SPINNERS = Runtime.getRuntime().availableProcessors() - 1;

    /** How many threads spin on the same memory, of both ends. */
    private final AtomicInteger spinners;

    private volatile long averageNanos;

    Spinning(AtomicInteger spinners) {
        this.spinners = spinners;
    }

    /** {@return whether the calling thread may spin now; it says {@link #end} when it has} */
    boolean begin() {
        if (averageNanos > WORTH_NANOS) {
            return false;
        }
        int now = spinners.get();
        while (now < MOST_SPINNERS) {
            int seen = spinners.compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    void end() {
        int _ = spinners.decrementAndGet();
    }

    /** A wait is over, in whatever way it was spent. One long pause changes little, several many change it. */
    void waited(long nanos) {
        long average = averageNanos;
        long next = average + (Math.min(nanos, OUTLIER_NANOS) - average) / 8;
        if (next != average) {
            averageNanos = next;
        }
    }
}
