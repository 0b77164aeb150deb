package org.innerkeep.channel.ring;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.innerkeep.channel.secret.Remains;
import org.innerkeep.evidence.MalformedException;

/**
 * The servers' end of the slots of the other side: threads that take requests in turn, carry each out by themselves, and answer. There
 * is always one that is idle, up to one for each slot, so that no request waits behind another. The idle sleep. Every ten seconds as many
 * end as were idle all the time, but for one.
 *
 * <p>An {@link OutOfMemoryError} ends none of them: what ran out of memory is most often another request, or the program.
 */
final class ServingEnd {
    private static final int NONE = -1;
    private static final int LOOKS = 32;

    /** Lost wake-ups, which only the other side can bring about, cost it no more than that. */
    private static final long MOST_SLEEP_NANOS = 1_000_000_000;

    /** How long threads that are not needed are kept. */
    static final long LINGER_NANOS = 10_000_000_000L;

    /** Bits of {@code ready} without a request come from callers that give up at once; that many in a row within a second do not. */
    private static final int MOST_FALSE_BITS = 1 << 14;

    private static final long FALSE_BITS_NANOS = 1_000_000_000;

    /** Where there is no memory to wait with. */
    private static final long PAUSE_NANOS = 1_000_000;

    private static final byte[] NO_ANSWER = {};

    private final Region region;
    private final long calls;
    private final Doorbell doorbell;
    private final ThreadFactory factory;
    private final long lingerNanos;
    private final Spinning spinning;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicInteger threads = new AtomicInteger();
    private final AtomicInteger idle = new AtomicInteger();
    private final AtomicInteger falseBits = new AtomicInteger();
    private final AtomicLong falseSince = new AtomicLong(System.nanoTime());

    // How many are too many: the fewest that were idle at once since the period began.
    private final AtomicLong periodBegan = new AtomicLong(System.nanoTime());
    private final AtomicInteger fewestIdle = new AtomicInteger(Region.SLOTS);
    private final AtomicInteger surplus = new AtomicInteger();
    private volatile boolean ended;

    ServingEnd(
            Region region, long calls, Doorbell doorbell, Spinning spinning, ThreadFactory factory, long lingerNanos) {
        this.region = region;
        this.spinning = spinning;
        this.calls = calls;
        this.doorbell = doorbell;
        this.factory = factory;
        this.lingerNanos = lingerNanos;
    }

    void start(Ring.Handler handler, int maxRequestBytes, Consumer<? super Throwable> onBroken) {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("requests are being served already");
        }
        new Work(handler, maxRequestBytes, onBroken).addServer();
    }

    void end() {
        ended = true;
        try {
            region.ring(Region.serversBell(calls));
            doorbell.wake(region, Region.serversBell(calls), Region.SLOTS);
        } catch (InternalError e) {
            // The file was cut short; whoever sleeps finds out by itself.
        }
    }

    /** {@return how many threads there are} */
    int threads() {
        return threads.get();
    }

    /** What is done, by whom, and who is told when it breaks. */
    private final class Work {
        private final Ring.Handler handler;
        private final int maxRequestBytes;
        private final Consumer<? super Throwable> onBroken;

        Work(Ring.Handler handler, int maxRequestBytes, Consumer<? super Throwable> onBroken) {
            this.handler = handler;
            this.maxRequestBytes = maxRequestBytes;
            this.onBroken = onBroken;
        }

        void addServer() {
            int count = threads.incrementAndGet();
            if (count > Region.SLOTS) {
                threads.decrementAndGet();
                return;
            }
            int _ = idle.incrementAndGet();
            try {
                factory.newThread(new Server(this)).start();
            } catch (OutOfMemoryError e) {
                // As many threads as this process may have. Those that there are go on, and the next that takes a request tries again.
                idle.decrementAndGet();
                if (threads.decrementAndGet() == 0) {
                    throw e;
                }
            }
        }
    }

    /** One thread. */
    private final class Server implements Runnable, BooleanSupplier {
        private final Work work;
        private int next;
        /** Where the slot that was taken is, and its number. */
        private long at;
        private int number;
        /** Whether it is counted among the idle. */
        private boolean idles = true;
        /** Whether it has carried out something since it last slept. */
        private boolean worked;

        Server(Work work) {
            this.work = work;
        }

        @Override
        public void run() {
            try {
                int _ = region.addSearching(calls, 1);
                int slot = await();
                while (slot != NONE) {
                    idles = false;
                    int left = idle.decrementAndGet();
                    if (left == 0) {
                        work.addServer();
                    }
                    if (left < fewestIdle.get()) {
                        fewestIdle.accumulateAndGet(left, Math::min);
                    }
                    byte[] answer = carryOut();
                    worked = true;
                    // Before it can be seen: whoever asks again at once must find this one searching.
                    idles = true;
                    int _ = idle.incrementAndGet();
                    int _ = region.addSearching(calls, 1);
                    answer(slot, answer);
                    slot = await();
                }
            } catch (InternalError e) {
                work.onBroken.accept(RingException.gone(e));
            } catch (Throwable e) {
                // Whatever it is, a request has no answer, so nobody must go on waiting for one.
                work.onBroken.accept(e);
            } finally {
                if (idles) {
                    int _ = idle.decrementAndGet();
                }
                int _ = threads.decrementAndGet();
            }
        }

        /** {@return the slot of a request that was taken; none if there is nothing more to do} */
        private int await() throws RingException {
            long since = System.nanoTime();
            while (!ended) {
                int slot = take();
                if (slot == NONE) {
                    slot = spin();
                }
                if (slot != NONE) {
                    spinning.waited(System.nanoTime() - since);
                    if (region.addSearching(calls, -1) <= 0 && region.ready(calls) != 0) {
                        wakeAnother();
                    }
                    return slot;
                }
                if (!sleep()) {
                    return NONE;
                }
            }
            return NONE;
        }

        private void wakeAnother() {
            region.ring(Region.serversBell(calls));
            doorbell.wake(region, Region.serversBell(calls), 1);
        }

        private int spin() throws RingException {
            if (!spinning.begin()) {
                return NONE;
            }
            try {
                long until = System.nanoTime() + Spinning.MOST_NANOS;
                do {
                    for (int i = 0; i < LOOKS; i++) {
                        if (region.ready(calls) != 0) {
                            int slot = take();
                            if (slot != NONE) {
                                return slot;
                            }
                        }
                        Thread.onSpinWait();
                    }
                } while (System.nanoTime() - until < 0 && !ended);
                return NONE;
            } finally {
                spinning.end();
            }
        }

        /** {@return whether to go on; false if there are enough others} */
        private boolean sleep() throws RingException {
            if (worked) {
                // Whatever the program has computed with must not lie on the stack for as long as nothing comes.
                worked = false;
                overwriteRemains();
            }
            // Whoever interrupts a thread that has nothing to do means what it did before.
            boolean _ = Thread.interrupted();
            long bell = Region.serversBell(calls);
            int _ = region.addSearching(calls, -1);
            int rung = region.word(bell);
            while (region.ready(calls) == 0 && !ended) {
                if (leave()) {
                    // Somebody may have woken this one meanwhile.
                    if (region.ready(calls) != 0) {
                        wakeAnother();
                    }
                    return false;
                }
                await(bell, rung);
                if (region.word(bell) != rung) {
                    break;
                }
            }
            int _ = region.addSearching(calls, 1);
            return true;
        }

        private static void overwriteRemains() {
            try {
                Remains.overwrite();
            } catch (OutOfMemoryError e) {
                // It takes a little of the heap. The next time it may be there.
            }
        }

        private void await(long bell, int rung) throws RingException {
            try {
                doorbell.await(region, bell, rung, Math.min(MOST_SLEEP_NANOS, lingerNanos));
            } catch (OutOfMemoryError e) {
                // To wait in the kernel takes a little of the heap.
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
        }

        /** One idle thread stays. */
        private boolean leave() {
            long now = System.nanoTime();
            long began = periodBegan.get();
            if (now - began > lingerNanos && periodBegan.compareAndSet(began, now)) {
                surplus.set(fewestIdle.getAndSet(idle.get()) - 1);
            }
            int more = surplus.get();
            if (more <= 0 || !surplus.compareAndSet(more, more - 1)) {
                return false;
            }
            int count = idle.get();
            if (count > 1 && idle.compareAndSet(count, count - 1)) {
                fewestIdle.accumulateAndGet(count - 1, Math::min);
                idles = false;
                return true;
            }
            return false;
        }

        /** Looks at every slot at most once, beginning after the one it took last, so that each has its turn. */
        private int take() throws RingException {
            long ready = region.ready(calls);
            for (int i = 0; ready != 0 && i < Region.SLOTS; i++) {
                int slot = next + Long.numberOfTrailingZeros(Long.rotateRight(ready, next)) & Region.SLOTS - 1;
                long bit = 1L << slot;
                long before = region.unmarkReady(calls, slot);
                ready = before & ~bit;
                if ((before & bit) == 0) {
                    continue;
                }
                at = Region.slot(calls, slot);
                int state = region.state(at);
                int its = state & ~Region.STATE_MASK;
                if (state == (its | Region.REQUEST) && region.change(at, state, its | Region.TAKEN)) {
                    if (falseBits.get() != 0) {
                        falseBits.set(0);
                    }
                    next = slot + 1 & Region.SLOTS - 1;
                    number = its;
                    return slot;
                }
                falseBit();
            }
            return NONE;
        }

        private void falseBit() throws RingException {
            long now = System.nanoTime();
            long since = falseSince.get();
            if (now - since > FALSE_BITS_NANOS && falseSince.compareAndSet(since, now)) {
                falseBits.set(0);
            }
            if (falseBits.incrementAndGet() > MOST_FALSE_BITS) {
                throw new RingException("requests are announced that are not there");
            }
        }

        private byte[] carryOut() throws RingException, MalformedException {
            try {
                byte[] request = region.read(at, work.maxRequestBytes);
                if (request.length == 0) {
                    throw new RingException("a request without a frame");
                }
                return work.handler.handle(request, this);
            } catch (OutOfMemoryError e) {
                // Its caller waits until its deadline; all others go on.
                return NO_ANSWER;
            }
        }

        /** {@return whether the caller of the request that is carried out has given up} For the thread that carries it out. */
        @Override
        public boolean getAsBoolean() {
            return region.waiting(at) == Region.GAVE_UP;
        }

        private void answer(int slot, byte[] answer) throws RingException {
            region.write(at, answer, Math.min(answer.length, Ring.PREFIX_BYTES), Math.max(0, answer.length - Ring.PREFIX_BYTES));
            if (!region.change(at, number | Region.TAKEN, number | Region.ANSWER)) {
                throw new RingException("slot " + slot + " was changed while its request was carried out");
            }
            switch (region.waiting(at)) {
                case Region.WAITS_FOR_SLOT -> doorbell.wake(region, at, 1);
                case Region.WAITS_FOR_BELL -> {
                    long bell = Region.callersBell(calls);
                    region.ring(bell);
                    doorbell.wake(region, bell, 1);
                }
                default -> { }
            }
        }
    }
}
