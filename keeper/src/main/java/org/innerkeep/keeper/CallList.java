package org.innerkeep.keeper;

import java.lang.foreign.Arena;
import org.innerkeep.channel.linux.CallFilter;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/** Puts a list of system calls on a thread and on all that it starts, for good (seccomp(2)). The list must allow the start itself. */
final class CallList implements Spawning.Step {
    private final Kernel kernel;
    /** Shared: made by one thread, used by another. */
    private final Arena arena = Arena.ofShared();

    private final long program;

    CallList(Kernel kernel, CallFilter list) {
        this.kernel = kernel;
        this.program = Kernel.program(list, arena).address();
    }

    /** The thread must have given up new privileges before. */
    @Override
    public void apply() throws KernelException {
        KernelException.check(
                SystemCall.SECCOMP, kernel.call(SystemCall.SECCOMP, Kernel.SECCOMP_SET_MODE_FILTER, 0, program));
    }

    @Override
    public void end() {
        arena.close();
    }
}
