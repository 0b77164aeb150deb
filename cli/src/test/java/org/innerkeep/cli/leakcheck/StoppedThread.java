package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/** The first thread of another process, stopped by ptrace(2). Used by one platform thread, which the kernel takes for the tracer. */
final class StoppedThread implements AutoCloseable {
    private static final long PEEKDATA = 2;
    private static final long CONT = 7;
    private static final long GETREGS = 12;
    private static final long SETREGS = 13;
    private static final long DETACH = 17;
    private static final long SEIZE = 0x4206;
    private static final long INTERRUPT = 0x4207;
    private static final long WALL = 0x40000000;
    private static final int SIGTRAP = 5;
    /** struct user_regs_struct of x86-64. */
    private static final long REGISTERS = 27 * Long.BYTES;

    private final Kernel kernel;
    private final long thread;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment word = arena.allocate(Long.BYTES, Long.BYTES);

    private StoppedThread(Kernel kernel, long thread) {
        this.kernel = kernel;
        this.thread = thread;
    }

    static StoppedThread stop(Kernel kernel, long thread) throws IOException {
        StoppedThread stopped = new StoppedThread(kernel, thread);
        stopped.trace(SEIZE, 0, 0);
        stopped.trace(INTERRUPT, 0, 0);
        stopped.await();
        return stopped;
    }

    private long trace(long request, long address, long data) throws IOException {
        return KernelException.check(SystemCall.PTRACE, kernel.call(SystemCall.PTRACE, request, thread, address, data));
    }

    /** Waits until it is stopped; the signal that stopped it. */
    private int await() throws IOException {
        KernelException.check(SystemCall.WAIT4, kernel.call(SystemCall.WAIT4, thread, word.address(), WALL, 0));
        int status = word.get(ValueLayout.JAVA_INT, 0);
        if ((status & 0xff) != 0x7f) {
            throw new IOException("the process ended while it was traced: " + Integer.toHexString(status));
        }
        return (status >> 8) & 0xff;
    }

    /** A word of its memory. */
    long peek(long address) throws IOException {
        trace(PEEKDATA, address, word.address());
        return word.get(ValueLayout.JAVA_LONG, 0);
    }

    /** Its registers, in the kernel's order. */
    long[] registers() throws IOException {
        MemorySegment all = arena.allocate(REGISTERS, Long.BYTES);
        trace(GETREGS, 0, all.address());
        return all.toArray(ValueLayout.JAVA_LONG);
    }

    void setRegisters(long[] registers) throws IOException {
        MemorySegment all = arena.allocateFrom(ValueLayout.JAVA_LONG, registers);
        trace(SETREGS, 0, all.address());
    }

    /** Lets it run to its next breakpoint. */
    void runToBreakpoint() throws IOException {
        trace(CONT, 0, 0);
        int signal = await();
        if (signal != SIGTRAP) {
            throw new IOException("it was stopped by signal " + signal + " and not by the breakpoint");
        }
    }

    @Override
    public void close() throws IOException {
        try {
            trace(DETACH, 0, 0);
        } finally {
            arena.close();
        }
    }
}
