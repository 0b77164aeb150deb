package org.innerkeep.keeper;

import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/**
 * Takes the processes that a thread starts into namespaces of their own (namespaces(7)): for process ids, in which the first one that is
 * started is process 1, sees no process of the machine, and ends all others when it ends; for message queues and shared memory; and for
 * the machine's name.
 */
final class OwnSpaces implements Spawning.Step {
    private static final long CLONE_NEWUTS = 0x04000000;
    private static final long CLONE_NEWIPC = 0x08000000;
    private static final long CLONE_NEWPID = 0x20000000;

    private final Kernel kernel;

    OwnSpaces(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public void apply() throws KernelException {
        KernelException.check(
                SystemCall.UNSHARE, kernel.call(SystemCall.UNSHARE, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID));
    }
}
