package org.innerkeep.channel.ring;

import java.util.concurrent.locks.LockSupport;

/**
 * Looks again and again, less and less often: for systems on which no wake-up crosses between the two sides. It costs a few hundred
 * looks a second of each thread that waits.
 */
final class PollingDoorbell implements Doorbell {
    private static final long FIRST_NANOS = 20_000;
    private static final long LAST_NANOS = 4_000_000;

    @Override
    public void await(Region region, long word, int value, long nanos) {
        long end = System.nanoTime() + nanos;
        long pause = FIRST_NANOS;
        while (region.word(word) == value) {
            long left = end - System.nanoTime();
            if (left <= 0 || Thread.currentThread().isInterrupted()) {
                return;
            }
            LockSupport.parkNanos(this, Math.min(pause, left));
            pause = Math.min(2 * pause, LAST_NANOS);
        }
    }

    /** Who waits looks by itself. */
    @Override
    public void wake(Region region, long word, int most) {}
}
