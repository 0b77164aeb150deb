package org.innerkeep.testing.hostile;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends waiting in vain. Where all enclaves run in this process and the system shows what its threads do, waiting is in vain when
 * nothing has moved and no thread has been at work for several looks, however long that takes and however slow the machine is.
 * Elsewhere only time is left; the limit is one that work does not reach between two bytes.
 */
final class Watch implements AutoCloseable {
    private static final long LOOK_MILLIS = 20;
    /** More than the 40 ms for which a system may hold an acknowledgement, and a sender its next packet, back. */
    private static final int STILL_LOOKS = 6;
    private final BooleanSupplier visible;
    private final long unseenIdleNanos;
    private final AtomicLong moves = new AtomicLong();
    private final AtomicLong looks = new AtomicLong();
    private final List<Patience> doubted = new ArrayList<>();
    private @Nullable Thread thread;
    private boolean closed;

    /**
     * A watch over one host.
     *
     * @param visible whether every enclave runs in this process
     * @param unseenIdle how long nothing moves on a connection before it is let go, whatever is at work
     */
    Watch(BooleanSupplier visible, Duration unseenIdle) {
        this.visible = visible;
        this.unseenIdleNanos = unseenIdle.toNanos();
    }

    void moved() {
        moves.incrementAndGet();
    }

    synchronized void add(Patience patience) {
        if (!doubted.contains(patience)) {
            doubted.add(patience);
        }
        if (thread == null && !closed) {
            // Of the system's own kind: it must know itself among the threads that it looks at.
            thread = Thread.ofPlatform().daemon().name("hostile-watch").start(this::watch);
        }
    }

    /** {@return how often it looked} */
    long looks() {
        return looks.get();
    }

    private synchronized List<Patience> stuck() {
        return doubted.stream().filter(Patience::isStuck).toList();
    }

    private void watch() {
        int still = 0;
        long before = -1;
        try {
            while (true) {
                Thread.sleep(LOOK_MILLIS);
                List<Patience> stuck = stuck();
                long now = moves.get();
                boolean nothing = !stuck.isEmpty() && now == before && visible.getAsBoolean() && Stillness.now();
                still = nothing ? still + 1 : 0;
                before = now;
                looks.incrementAndGet();
                if (still >= STILL_LOOKS) {
                    // One at a time: what follows from it may help the others.
                    stuck.getFirst().giveUp();
                    still = 0;
                } else {
                    stuck.stream().filter(each -> each.idleNanos() > unseenIdleNanos).forEach(Patience::giveUp);
                }
            }
        } catch (InterruptedException e) {
            // The run is over.
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
