package org.innerkeep.bench;

import java.util.concurrent.Callable;

/** Opens what a benchmark's state holds: its constructor can throw no checked exception. */
final class Opened {
    private Opened() {}

    static <T> T of(Callable<T> opening) {
        try {
            return opening.call();
        } catch (Exception e) {
            throw new IllegalStateException("the benchmark could not be set up: " + e.getMessage(), e);
        }
    }
}
