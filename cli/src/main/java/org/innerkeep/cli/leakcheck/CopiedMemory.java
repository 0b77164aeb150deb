package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/** The memory of another process, copied by process_vm_readv(2). Used by one thread. */
final class CopiedMemory implements Positioned, AutoCloseable {
    private static final int BUFFER = 1 << 20;
    /** struct iovec: an address and a length. */
    private static final long IOVEC = 16;

    private final Kernel kernel;
    private final long pid;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(BUFFER);
    private final MemorySegment local = arena.allocate(IOVEC, Long.BYTES);
    private final MemorySegment remote = arena.allocate(IOVEC, Long.BYTES);

    CopiedMemory(Kernel kernel, long pid) {
        this.kernel = kernel;
        this.pid = pid;
        local.set(ValueLayout.JAVA_LONG, 0, buffer.address());
    }

    @Override
    public int read(byte[] into, int offset, int length, long at) throws IOException {
        long most = Math.min(length, BUFFER);
        local.set(ValueLayout.JAVA_LONG, Long.BYTES, most);
        remote.set(ValueLayout.JAVA_LONG, 0, at);
        remote.set(ValueLayout.JAVA_LONG, Long.BYTES, most);
        // Safety: the kernel writes at most as many bytes as both lengths say, and the buffer has as many. The other address is
        // of
        // the other process; the kernel checks it.
        int n = (int) KernelException.check(SystemCall.PROCESS_VM_READV,
                kernel.call(SystemCall.PROCESS_VM_READV, pid, local.address(), 1, remote.address(), 1, 0));
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, offset, n);
        return n == 0 ? -1 : n;
    }

    @Override
    public void close() {
        arena.close();
    }
}
