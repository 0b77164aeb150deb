package org.innerkeep.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How fast work is done that several threads do alike.
 *
 * @param perSecond how often all threads together do it in a second
 * @param processorMillis how much of a processor's time one of them takes
 */
record Pace(double perSecond, double processorMillis) {
    /** Work to be done again and again. Safe for use by several threads. */
    interface Work {
        void once() throws Exception;
    }

    /** Does it in so many threads for some seconds. */
    static Pace of(Work work, int threads, double seconds) throws InterruptedException, ExecutionException {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Pace>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Callable<Pace> one = () -> ofOneThread(work, seconds);
                all.add(pool.submit(one));
            }
            double perSecond = 0;
            double processorMillis = 0;
            for (Future<Pace> each : all) {
                perSecond += each.get().perSecond();
                processorMillis += each.get().processorMillis() / threads;
            }
            return new Pace(perSecond, processorMillis);
        }
    }

    private static Pace ofOneThread(Work work, double seconds) throws Exception {
        ThreadMXBean processor = ManagementFactory.getThreadMXBean();
        long used = processor.getCurrentThreadCpuTime();
        long begin = System.nanoTime();
        long elapsed = 0;
        long count = 0;
        while (elapsed < seconds * 1e9) {
            work.once();
            count++;
            elapsed = System.nanoTime() - begin;
        }
        return new Pace(count * 1e9 / elapsed, (processor.getCurrentThreadCpuTime() - used) / 1e6 / count);
    }
}
