package org.innerkeep.cli.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/** Tells each step as it happens and remembers how long it took. */
final class Steps {
    private final PrintWriter out;
    private final Map<String, Duration> took = new LinkedHashMap<>();

    Steps(PrintWriter out) {
        this.out = out;
    }

    <T> T timed(String name, Callable<T> step) throws Exception {
        out.printf("  %-72s ", name);
        out.flush();
        long start = System.nanoTime();
        try {
            T result = step.call();
            Duration time = Duration.ofNanos(System.nanoTime() - start);
            took.put(name, time);
            out.printf(Locale.ROOT, "%6.1f s%n", seconds(time));
            return result;
        } catch (Exception e) {
            out.println("failed");
            throw e;
        } finally {
            out.flush();
        }
    }

    /** How long each step took, in their order. */
    Map<String, Duration> all() {
        return Collections.unmodifiableMap(took);
    }

    Duration took(String name) {
        return took.getOrDefault(name, Duration.ZERO);
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
