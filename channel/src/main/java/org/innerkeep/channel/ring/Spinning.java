package org.innerkeep.channel.ring;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decides whether a thread may look at a word again and again before it sleeps: only where what it waits for came soon of late, and
 * only as many threads of this process as leave it a processor. One for each end of a connection. Safe for use by several threads;
 * that they overwrite each other's measurements does no harm.
 */
final class Spinning {
    /** How long at most. Two sleeps and two wake-ups take about as long. */
    static final long MOST_NANOS = 50_000;

    /** What waits of late may take on average for spinning to be worth it. Above {@link #MOST_NANOS}: waits of sleepers are longer. */
    private static final long WORTH_NANOS = 150_000;

    private static final long OUTLIER_NANOS = 8 * WORTH_NANOS;

    /**
     * The one count of this process: processors are the process's, not a connection's. It does not decide what is done, only
     * how soon.
     */
    private static final AtomicInteger SPINNING = new AtomicInteger();

    private static final int MOST_SPINNERS = Runtime.getRuntime().availableProcessors() - 1;

    private volatile long averageNanos;

    /** {@return whether the calling thread may spin now; it says {@link #end} when it has} */
    boolean begin() {
        if (averageNanos > WORTH_NANOS) {
            return false;
        }
        int now = SPINNING.get();
        while (now < MOST_SPINNERS) {
            int seen = SPINNING.compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    void end() {
        int _ = SPINNING.decrementAndGet();
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
