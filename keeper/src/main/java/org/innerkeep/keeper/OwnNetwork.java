package org.innerkeep.keeper;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/**
 * Takes a thread, and the processes that it starts, into a network namespace of their own (Linux, network_namespaces(7)), in which there
 * is nothing but a loopback address. The namespace goes when the process does.
 */
final class OwnNetwork implements Spawning.Step {
    private static final long CLONE_NEWNET = 0x40000000;
    private static final long AF_INET = 2;
    private static final long SOCK_DGRAM = 2;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final short IFF_UP = 1;

    /** struct ifreq: the name in 16 bytes, then a union of which the flags are the first two bytes; 40 bytes. */
    private static final long IFREQ_BYTES = 40;

    private static final long IFREQ_FLAGS = 16;

    private final Kernel kernel;

    OwnNetwork(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Safety of the calls: the structure has the size that the kernel reads and writes, lives until they return, and is not kept. */
    @Override
    public void apply() throws KernelException {
        check(SystemCall.UNSHARE, CLONE_NEWNET);
        long socket = check(SystemCall.SOCKET, AF_INET, SOCK_DGRAM, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
            request.setString(0, "lo");
            check(SystemCall.IOCTL, socket, SIOCGIFFLAGS, request.address());
            short flags = request.get(ValueLayout.JAVA_SHORT, IFREQ_FLAGS);
            request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, (short) (flags | IFF_UP));
            check(SystemCall.IOCTL, socket, SIOCSIFFLAGS, request.address());
        } finally {
            kernel.call(SystemCall.CLOSE, socket);
        }
    }

    private long check(SystemCall call, long... arguments) throws KernelException {
        return KernelException.check(call, kernel.call(call, arguments));
    }
}
