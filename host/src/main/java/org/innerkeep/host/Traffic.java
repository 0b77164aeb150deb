package org.innerkeep.host;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.innerkeep.channel.profile.EnclaveFigures;

/** Counts what a host carries between clients and an enclave. Safe for use by several threads. */
final class Traffic {
    private final LongAdder sessions = new LongAdder();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final LongAdder inBytes = new LongAdder();
    private final LongAdder outBytes = new LongAdder();

    void begun() {
        sessions.increment();
        mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
    }

    void ended() {
        open.decrementAndGet();
    }

    void in(int bytes) {
        inBytes.add(bytes);
    }

    void out(int bytes) {
        outBytes.add(bytes);
    }

    EnclaveFigures.Relayed figures() {
        return new EnclaveFigures.Relayed(sessions.sum(), mostOpen.get(), inBytes.sum(), outBytes.sum());
    }
}
