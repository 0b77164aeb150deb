package org.innerkeep.channel.call;

import java.util.Collection;
import java.util.concurrent.locks.LockSupport;
import org.innerkeep.channel.call.CallException.Code;

/**
 * Interrupts requests at their deadline. One virtual thread for a connection, which sleeps until the earliest deadline it
 * knows; adding a request costs a comparison, and a wake-up only where its deadline is earlier than that.
 */
final class DeadlineWatch {
    private static final long NEVER = Long.MAX_VALUE;

    private final Collection<Incoming> requests;
    // Deadlines are compared as nanoseconds since then, so that they never overflow.
    private final long originNanos = System.nanoTime();
    private final Thread thread;
    private volatile long wakeUp = NEVER;
    private volatile boolean ended;

    /**
     * Prepares a watch.
     *
     * @param requests a live view of what is being carried out
     */
    DeadlineWatch(Collection<Incoming> requests) {
        this.requests = requests;
        this.thread = Thread.ofVirtual().name("innerkeep-call-deadlines").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Takes note of a request that was just added. */
    void added(Incoming request) {
        if (request.deadlineNanos() - originNanos < wakeUp) {
            LockSupport.unpark(thread);
        }
    }

    void end() {
        ended = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        while (!ended) {
            // A request added while we look is either seen by the loop or sees NEVER and wakes us again.
            wakeUp = NEVER;
            long now = System.nanoTime() - originNanos;
            long earliest = NEVER;
            for (Incoming request : requests) {
                long deadline = request.deadlineNanos() - originNanos;
                if (deadline <= now) {
                    request.stop(Code.DEADLINE);
                } else {
                    earliest = Math.min(earliest, deadline);
                }
            }
            wakeUp = earliest;
            if (earliest == NEVER) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, earliest - now);
            }
        }
    }
}
