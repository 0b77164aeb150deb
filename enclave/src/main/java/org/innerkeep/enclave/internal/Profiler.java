package org.innerkeep.enclave.internal;

import java.util.concurrent.atomic.AtomicLong;
import org.innerkeep.channel.call.CallObserver;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Crossing;
import org.innerkeep.channel.profile.CallTally;
import org.innerkeep.channel.profile.InsideFigures;
import org.innerkeep.channel.profile.ProfileService;

/**
 * Measures a debug enclave, and tells its host. There is none in any other: what clients call, and how much of the heap they make an enclave
 * use, is not for the host to know.
 */
final class Profiler implements ProfileService {
    private final CallTally host = new CallTally();
    private final CallTally clients = new CallTally();
    private final AtomicLong mostUsed = new AtomicLong();

    void host(CallPeer.Builder peer) {
        peer.observer(watched(host)).offer(ProfileService.class, this);
    }

    void client(CallPeer.Builder peer) {
        peer.observer(watched(clients));
    }

    private CallObserver watched(CallTally tally) {
        return new CallObserver() {
            @Override
            public void begun(Crossing crossing) {
                tally.begun(crossing);
            }

            @Override
            public void ended(Crossing crossing) {
                tally.ended(crossing);
                mostUsed.accumulateAndGet(usedBytes(), Math::max);
            }
        };
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Override
    public InsideFigures figures() {
        long before = usedBytes();
        System.gc();
        return new InsideFigures(
                host.figures(),
                clients.figures(),
                new InsideFigures.Heap(
                        Runtime.getRuntime().maxMemory(), mostUsed.accumulateAndGet(before, Math::max), usedBytes()));
    }
}
