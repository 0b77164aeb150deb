package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.innerkeep.channel.linux.CallFilter;
import org.innerkeep.channel.linux.EnclaveCalls;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.Machine;
import org.innerkeep.channel.linux.SystemCall;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;

/**
 * Gives up, for all threads of this process and for good, what the runtime needed to start and no program needs: new processes, files
 * for writing, new connections. The keeper's own list of system calls cannot be so narrow, for it was in force before the JVM started.
 */
final class Lockdown {
    private static final long FILTERED = 2;

    private Lockdown() {}

    /**
     * Sets the list, in a process whose reports say that a list is in force. Elsewhere it does nothing, and the reports say that too.
     * What the reports say decides, not what the process finds: where the keeper's own list is missing, the enclave must not run.
     *
     * @param machine on which; empty where its calls are not known
     * @param confinement what the reports say
     * @param ownNetwork whether the enclave has a network of its own
     * @throws IOException if the keeper's list is not in force, or the kernel refuses this one; the enclave must not run then
     */
    static void apply(Optional<Machine> machine, Confinement confinement, boolean ownNetwork) throws IOException {
        if (!confinement.has(Mechanism.SECCOMP)) {
            return;
        }
        if (machine.isEmpty()) {
            throw new IOException("reports say that system calls are on a list, and this machine's calls are not known");
        }
        Kernel kernel = new Kernel(machine.get());
        long mode = kernel.call(SystemCall.PRCTL, Kernel.PR_GET_SECCOMP);
        if (mode != FILTERED) {
            throw new IOException("reports say that system calls are on a list, and the kernel says mode " + mode + " and not "
                    + FILTERED);
        }
        CallFilter filter = EnclaveCalls.onceReady(machine.get(), ownNetwork, kernel.call(SystemCall.GETPID));
        try (Arena arena = Arena.ofConfined()) {
            long result = kernel.call(
                    SystemCall.SECCOMP,
                    Kernel.SECCOMP_SET_MODE_FILTER,
                    Kernel.SECCOMP_FILTER_FLAG_TSYNC,
                    Kernel.program(filter, arena).address());
            if (result != 0) {
                // Above zero it is the id of a thread that has another filter than the rest.
                throw new IOException("the list of system calls is not in force: "
                        + (result < 0 ? "error " + -result : "thread " + result + " has a filter of its own"));
            }
        }
    }
}
