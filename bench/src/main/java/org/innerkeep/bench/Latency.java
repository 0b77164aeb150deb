package org.innerkeep.bench;

import java.util.Arrays;

/**
 * How long calls took, one after the other, each timed alone; nanoseconds.
 *
 * @param low the 25th of a hundred
 * @param middle the 50th
 * @param high the 75th
 * @param count how many calls
 */
record Latency(long low, long middle, long high, int count) {
    private static final int MAX_SAMPLES = 1 << 20;

    /** What is timed. */
    interface Call {
        void once() throws Exception;
    }

    /** Calls for so long. */
    static Latency during(long millis, Call call) throws Exception {
        long[] samples = new long[MAX_SAMPLES];
        int count = 0;
        long before = System.nanoTime();
        long until = before + millis * 1_000_000;
        while (before < until && count < MAX_SAMPLES) {
            call.once();
            long after = System.nanoTime();
            samples[count++] = after - before;
            before = System.nanoTime();
        }
        return of(samples, count);
    }

    /** So many calls, each after as many microseconds in which nothing was called. */
    static Latency afterIdleness(int calls, long micros, Call call) throws Exception {
        long[] samples = new long[calls];
        for (int i = 0; i < calls; i++) {
            Thread.sleep(micros / 1000, (int) (micros % 1000) * 1000);
            long before = System.nanoTime();
            call.once();
            samples[i] = System.nanoTime() - before;
        }
        return of(samples, calls);
    }

    private static Latency of(long[] samples, int count) {
        if (count == 0) {
            throw new IllegalStateException("nothing was measured");
        }
        Arrays.sort(samples, 0, count);
        return new Latency(samples[count / 4], samples[count / 2], samples[count - 1 - count / 4], count);
    }

    /** {@return the line that {@link #parse} reads, and that the limits' program prints} */
    String text() {
        return low + " " + middle + " " + high + " " + count;
    }

    static Latency parse(String line) {
        String[] words = line.strip().split(" ", -1);
        if (words.length != 4) {
            throw new IllegalArgumentException("expected the quartiles of calls and their number, found: " + line);
        }
        return new Latency(Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]), Integer.parseInt(words[3]));
    }
}
