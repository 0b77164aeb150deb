package org.innerkeep.attestation.http;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many requests are worked on at once, and how many may wait for their turn, and for how long. More than that are turned away at
 * once: to wait without end helps nobody.
 *
 * <p>Safe for use by several threads.
 */
final class Turnstile {
    private final Semaphore turns;
    private final AtomicInteger waiting = new AtomicInteger();
    private final int maxWaiting;
    private final long patienceNanos;

    Turnstile(int atOnce, int maxWaiting, Duration patience) {
        this.turns = new Semaphore(atOnce, true);
        this.maxWaiting = maxWaiting;
        this.patienceNanos = patience.toNanos();
    }

    /** {@return whether it is the caller's turn, who then calls {@link #leave}} */
    boolean enter() {
        if (turns.tryAcquire()) {
            return true;
        }
        if (waiting.incrementAndGet() > maxWaiting) {
            waiting.decrementAndGet();
            return false;
        }
        try {
            return turns.tryAcquire(patienceNanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waiting.decrementAndGet();
        }
    }

    void leave() {
        turns.release();
    }
}
