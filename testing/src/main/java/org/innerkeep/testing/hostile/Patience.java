package org.innerkeep.testing.hostile;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Lets go of a connection that a move has made to wait for something that will never come. A real host could leave it so until
 * the deadlines of the two ends pass; that is waiting and nothing else, so the kit ends it when {@link Watch} sees that nothing
 * else will happen. Only a connection from which a move withheld something is ever let go.
 */
final class Patience {
    private final AtomicLong lastMoved = new AtomicLong(System.nanoTime());
    private final AtomicBoolean doubted = new AtomicBoolean();
    private final Watch watch;
    private final BooleanSupplier stuck;
    private final Runnable letGo;
    private volatile boolean over;

    /**
     * Patience with one connection.
     *
     * @param watch looks after it while it is doubted
     * @param stuck whether somebody waits on it
     * @param letGo ends it, or gives what was held back
     */
    Patience(Watch watch, BooleanSupplier stuck, Runnable letGo) {
        this.watch = watch;
        this.stuck = stuck;
        this.letGo = letGo;
    }

    /** Something moved. */
    void moved() {
        lastMoved.set(System.nanoTime());
        watch.moved();
    }

    /** Something was withheld: from now on the connection may wait for what never comes. */
    void doubt() {
        moved();
        doubted.set(true);
        watch.add(this);
    }

    /** What was held back has been given after all. */
    void settle() {
        doubted.set(false);
    }

    /** The connection has ended. */
    void end() {
        over = true;
    }

    boolean isStuck() {
        return !over && doubted.get() && stuck.getAsBoolean();
    }

    long idleNanos() {
        return System.nanoTime() - lastMoved.get();
    }

    void giveUp() {
        settle();
        letGo.run();
    }
}
