package org.innerkeep.channel.ring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.SystemCall;

/** Waits in the kernel (futex(2)), for words of memory that two processes share. */
final class FutexDoorbell implements Doorbell {
    private static final long FUTEX_WAIT = 0;
    private static final long FUTEX_WAKE = 1;

    /** "Bad address": nothing is mapped there any more, or the file ends before. */
    private static final long EFAULT = -14;

    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Kernel kernel;

    FutexDoorbell(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Safety: the word is of a region that is not unmapped as long as it can be reached, and it is used after the call. */
    @Override
    public void await(Region region, long word, int value, long nanos) throws RingException {
        if (nanos <= 0) {
            return;
        }
        long result;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(2 * Long.BYTES, Long.BYTES);
            time.set(ValueLayout.JAVA_LONG, 0, nanos / NANOS_PER_SECOND);
            time.set(ValueLayout.JAVA_LONG, Long.BYTES, nanos % NANOS_PER_SECOND);
            result = kernel.call(SystemCall.FUTEX, region.address(word), FUTEX_WAIT, value, time.address());
        } finally {
            Reference.reachabilityFence(region);
        }
        if (result == EFAULT) {
            throw new RingException("it can no longer be waited for: its file was cut short");
        }
    }

    @Override
    public void wake(Region region, long word, int most) {
        try {
            long _ = kernel.call(SystemCall.FUTEX, region.address(word), FUTEX_WAKE, most);
        } finally {
            Reference.reachabilityFence(region);
        }
    }
}
