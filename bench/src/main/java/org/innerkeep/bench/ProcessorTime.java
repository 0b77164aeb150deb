package org.innerkeep.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How much of a processor other processes use, as {@code /proc} counts it. */
final class ProcessorTime {
    /** The clock ticks in which {@code /proc/PID/stat} counts, the same for every program on Linux. */
    static final long TICK_MILLIS = 10;

    /** Fields of {@code /proc/PID/stat} after the name, which may contain anything: the twelfth and thirteenth. */
    private static final int USER = 11;

    private ProcessorTime() {}

    /** {@return what all threads of a process have used, also those that have ended; milliseconds} */
    static long millis(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return TICK_MILLIS * (Long.parseLong(fields[USER]) + Long.parseLong(fields[USER + 1]));
    }

    /** Waits. {@return how much of one processor some processes used meanwhile, each, in percent} */
    static double[] percent(List<Long> processes, long millis) throws IOException, InterruptedException {
        double[] percent = new double[processes.size()];
        for (int i = 0; i < percent.length; i++) {
            percent[i] = -millis(processes.get(i));
        }
        Thread.sleep(millis);
        for (int i = 0; i < percent.length; i++) {
            percent[i] = 100 * (percent[i] + millis(processes.get(i))) / millis;
        }
        return percent;
    }
}
