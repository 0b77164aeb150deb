package org.innerkeep.channel.ring;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the answers of many callers at once and unparks those that have theirs: virtual threads, which must not hold the thread that
 * carries them, and threads that wait for long and must notice interrupts. It is one thread, started with the first of these; where
 * nobody waits it sleeps. If it ends by an error, or cannot be started, the next caller that waits starts another. Safe for use by
 * several threads.
 */
final class AnswerListener {
    /** If the other side takes back what it rang, nobody waits longer than that. */
    private static final long MOST_NANOS = 1_000_000_000;

    /** Where there is no memory to wait with. */
    private static final long PAUSE_NANOS = 1_000_000;

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
    private final ThreadFactory threads;
    private final AtomicReferenceArray<@Nullable Waiter> waiters = new AtomicReferenceArray<>(Region.SLOTS);
    private final AtomicLong listed = new AtomicLong();
    private final AtomicReference<@Nullable Thread> listening = new AtomicReference<>();
    private volatile @Nullable RingException broken;
    private volatile boolean ended;

    AnswerListener(Region region, long calls, Doorbell doorbell, ThreadFactory threads) {
        this.region = region;
        this.calls = calls;
        this.doorbell = doorbell;
        this.threads = threads;
    }

    /**
     * Lists a caller, before it writes how it waits.
     *
     * @return whether it is listened for; false where there can be no thread for that now
     */
    boolean add(int slot, int number, Thread caller) {
        Waiter before = waiters.get(slot);
        if (before == null || before.number != number || before.told) {
            waiters.set(slot, new Waiter(number, caller));
        }
        long bit = 1L << slot;
        boolean listedBefore = (listed.getAndUpdate(mask -> mask | bit) & bit) != 0;
        Thread thread = listening.get();
        if (thread == null) {
            return start();
        }
        if (!listedBefore) {
            LockSupport.unpark(thread);
        }
        return true;
    }

    private boolean start() {
        if (ended) {
            return false;
        }
        Thread thread = null;
        try {
            thread = threads.newThread(this::run);
            if (listening.compareAndSet(null, thread)) {
                thread.start();
            }
            return true;
        } catch (OutOfMemoryError e) {
            // As many threads as this process may have, or no memory for one.
            if (thread != null) {
                listening.compareAndSet(thread, null);
            }
            return false;
        }
    }

    /** By the caller alone: what this thread saw last may be of the call before. */
    void remove(int slot) {
        long bit = 1L << slot;
        if ((listed.get() & bit) != 0) {
            listed.getAndUpdate(mask -> mask & ~bit);
        }
    }

    /** @throws RingException if it was found that nobody can be woken any more */
    void requireSound() throws RingException {
        RingException why = broken;
        if (why != null) {
            throw new RingException(why);
        }
    }

    void end() {
        ended = true;
        Thread thread = listening.get();
        if (thread != null) {
            LockSupport.unpark(thread);
            try {
                region.ring(Region.callersBell(calls));
                doorbell.wake(region, Region.callersBell(calls), 1);
            } catch (InternalError e) {
                // The file was cut short; the thread finds out by itself.
            }
        }
    }

    private void run() {
        try {
            listen();
        } catch (RingException e) {
            broken = e;
        } catch (InternalError e) {
            broken = RingException.gone(e);
        } finally {
            // Whoever waits looks for itself, and starts another.
            listening.set(null);
            for (int slot = 0; slot < Region.SLOTS; slot++) {
                Waiter waiter = waiters.get(slot);
                if (waiter != null) {
                    LockSupport.unpark(waiter.thread);
                }
            }
        }
    }

    private void listen() throws RingException {
        long bell = Region.callersBell(calls);
        while (!ended) {
            if (listed.get() == 0) {
                LockSupport.park(this);
                continue;
            }
            try {
                int rung = region.word(bell);
                if (!unparkThoseDone() && !ended) {
                    doorbell.await(region, bell, rung, MOST_NANOS);
                }
            } catch (OutOfMemoryError e) {
                // To wait in the kernel takes a little of the heap, and whoever has filled that is not this thread.
                LockSupport.parkNanos(this, PAUSE_NANOS);
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
}
