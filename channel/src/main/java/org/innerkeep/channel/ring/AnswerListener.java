package org.innerkeep.channel.ring;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the answers of many callers at once and unparks those that have theirs: virtual threads, which must not hold the thread that
 * carries them, and threads that wait for long and must notice interrupts. It is one thread, started with the first of these; where
 * nobody waits it sleeps. Safe for use by several threads.
 */
final class AnswerListener {
    /** If the other side takes back what it rang, nobody waits longer than that. */
    private static final long MOST_NANOS = 1_000_000_000;

    /** A caller; it is told once. */
    private static final class Waiter {
        private final int number;
        private final Thread thread;
        private volatile boolean told;

        Waiter(int number, Thread thread) {
            this.number = number;
            this.thread = thread;
        }
    }

    private final Region region;
    private final long calls;
    private final Doorbell doorbell;
    private final AtomicReferenceArray<@Nullable Waiter> waiters = new AtomicReferenceArray<>(Region.SLOTS);
    private final AtomicLong listed = new AtomicLong();
    private final AtomicBoolean started = new AtomicBoolean();
    private final Thread thread;
    private volatile boolean ended;

    AnswerListener(Region region, long calls, Doorbell doorbell) {
        this.region = region;
        this.calls = calls;
        this.doorbell = doorbell;
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("innerkeep-answers")
                .inheritInheritableThreadLocals(false)
                .unstarted(this::run);
    }

    /** Lists a caller, before it writes how it waits. */
    void add(int slot, int number, Thread caller) {
        Waiter before = waiters.get(slot);
        if (before == null || before.number != number || before.told) {
            waiters.set(slot, new Waiter(number, caller));
        }
        long bit = 1L << slot;
        if ((listed.getAndUpdate(mask -> mask | bit) & bit) == 0) {
            if (!started.get() && started.compareAndSet(false, true)) {
                thread.start();
            }
            LockSupport.unpark(thread);
        }
    }

    /** By the caller alone: what this thread saw last may be of the call before. */
    void remove(int slot) {
        long bit = 1L << slot;
        if ((listed.get() & bit) != 0) {
            listed.getAndUpdate(mask -> mask & ~bit);
        }
    }

    void end() {
        ended = true;
        LockSupport.unpark(thread);
        if (started.get()) {
            try {
                region.ring(Region.callersBell(calls));
                doorbell.wake(region, Region.callersBell(calls), 1);
            } catch (InternalError e) {
                // The file was cut short; the thread finds out by itself.
            }
        }
    }

    private void run() {
        long bell = Region.callersBell(calls);
        try {
            while (!ended) {
                if (listed.get() == 0) {
                    LockSupport.park(this);
                    continue;
                }
                int rung = region.word(bell);
                if (!unparkThoseDone() && !ended) {
                    doorbell.await(region, bell, rung, MOST_NANOS);
                }
            }
        } catch (RingException | InternalError e) {
            // Callers find out by themselves when they are unparked.
            for (int slot = 0; slot < Region.SLOTS; slot++) {
                unpark(slot);
            }
        }
    }

    /** {@return whether there were any} A state that should not be is something for its caller to look at. */
    private boolean unparkThoseDone() {
        boolean any = false;
        for (long left = listed.get(); left != 0; left &= left - 1) {
            int slot = Long.numberOfTrailingZeros(left);
            Waiter waiter = waiters.get(slot);
            if (waiter == null || waiter.told) {
                continue;
            }
            int state = region.state(Region.slot(calls, slot)) ^ waiter.number;
            if (state != Region.REQUEST && state != Region.TAKEN) {
                waiter.told = true;
                LockSupport.unpark(waiter.thread);
                any = true;
            }
        }
        return any;
    }

    private void unpark(int slot) {
        Waiter waiter = waiters.get(slot);
        if (waiter != null) {
            LockSupport.unpark(waiter.thread);
        }
    }
}
