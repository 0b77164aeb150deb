package org.innerkeep.cli.profile;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.profile.EnclaveFigures.Relayed;
import org.innerkeep.channel.profile.InsideFigures.Heap;
import org.innerkeep.cli.tcb.HostOnlyCode;

/**
 * All that was found out about one run.
 *
 * @param debug whether the enclave was a debug build, which tells what it measured inside
 * @param measured how long it was measured
 * @param calls what each method's calls cost
 * @param relayed what went between clients and the enclave
 * @param heapBytes the Java heap that the bundle asks for
 * @param heap what the heap held; empty if the enclave did not tell
 * @param memory the most memory of each kind
 * @param limits what the kernel gives the enclave's process
 * @param hostOnly code inside that only the host's calls reach
 * @param reachedBytes all class files of the program and its libraries that can be reached
 */
record ProfileFigures(
        boolean debug,
        Duration measured,
        List<MethodCost> calls,
        Relayed relayed,
        long heapBytes,
        Optional<Heap> heap,
        MemoryByKind memory,
        ProcessLimits limits,
        List<HostOnlyCode> hostOnly,
        long reachedBytes) {
    ProfileFigures {
        calls = List.copyOf(calls);
        hostOnly = List.copyOf(hostOnly);
    }
}
