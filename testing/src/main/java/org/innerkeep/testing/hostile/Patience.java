package org.innerkeep.testing.hostile;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Lets go of a connection that a move has made to wait for something that will never come. A real host could leave it so until
 * the deadlines of the two ends pass; that is waiting and nothing else, so the kit ends it when nothing has moved for a while.
 * What a host does never depends on this.
 */
final class Patience {
    private static final long IDLE_NANOS = 200_000_000;
    private static final long LOOK_MILLIS = 25;

    private final AtomicLong lastMoved = new AtomicLong(System.nanoTime());
    private final AtomicBoolean watching = new AtomicBoolean();
    private final BooleanSupplier stuck;
    private final Runnable letGo;
    private volatile boolean over;

    /**
     * Patience with one connection.
     *
     * @param stuck whether somebody waits on it
     * @param letGo ends it; called at most once
     */
    Patience(BooleanSupplier stuck, Runnable letGo) {
        this.stuck = stuck;
        this.letGo = letGo;
    }

    /** Something moved. */
    void moved() {
        lastMoved.set(System.nanoTime());
    }

    /** From now on the connection may wait for what never comes. */
    void doubt() {
        moved();
        if (watching.compareAndSet(false, true)) {
            Thread.ofVirtual().name("hostile-patience").start(this::watch);
        }
    }

    /** The connection has ended. */
    void end() {
        over = true;
    }

    private void watch() {
        try {
            while (!over && (System.nanoTime() - lastMoved.get() < IDLE_NANOS || !stuck.getAsBoolean())) {
                Thread.sleep(LOOK_MILLIS);
            }
            if (!over) {
                letGo.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
