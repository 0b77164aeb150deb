package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.innerkeep.channel.linux.CallFilter;
import org.innerkeep.channel.linux.EnclaveCalls;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.Machine;
import org.innerkeep.channel.linux.SystemCall;

/**
 * Gives up, for all threads of this process and for good, what the runtime needed to start and no program needs: new processes, files
 * for writing, new connections. The keeper's own list of system calls cannot be so narrow, for it was in force before the JVM started.
 */
final class Lockdown {
    private static final long FILTERED = 2;

    private Lockdown() {}

    /**
     * Sets the list, in a process whose keeper has set its own. Elsewhere it does nothing: there is no keeper that confines, and the
     * enclave's report says so.
     *
     * @param ownNetwork whether the enclave has a network of its own
     * @throws IOException if the kernel refuses; the enclave must not run then
     */
    static void apply(boolean ownNetwork) throws IOException {
        Optional<Machine> machine = Machine.current();
        if (machine.isEmpty()) {
            return;
        }
        Kernel kernel = new Kernel(machine.get());
        if (kernel.call(SystemCall.PRCTL, Kernel.PR_GET_SECCOMP) != FILTERED) {
            return;
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
