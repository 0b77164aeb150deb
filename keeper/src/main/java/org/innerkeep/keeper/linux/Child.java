package org.innerkeep.keeper.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.SystemCall;

/**
 * A process started by {@link Spawner}, and the end of its standard input. It is waited for by a thread of its own, so that its id
 * is not given to another process while somebody may still send a signal to it. Safe for use by several threads.
 */
public final class Child {
    private static final long P_PID = 1;
    private static final long WEXITED = 4;
    private static final long WNOWAIT = 0x01000000;
    private static final long SIGINFO_BYTES = 128;
    private static final long SIGKILL = 9;
    private static final long EINTR = 4;

    /** What is added to a signal's number, as shells do. */
    private static final int BY_SIGNAL = 128;

    private final Kernel kernel;
    private final long pid;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private long input;
    private boolean reaped;

    private Child(Kernel kernel, long pid, long input) {
        this.kernel = kernel;
        this.pid = pid;
        this.input = input;
    }

    static Child watch(Kernel kernel, long pid, long input) {
        Child child = new Child(kernel, pid, input);
        // Never one that the process's own confined starter makes: its successors would be confined as well.
        Thread.ofPlatform().daemon().name("enclave " + pid).start(child::reap);
        return child;
    }

    /** {@return the process's id} */
    public long pid() {
        return pid;
    }

    /** {@return completed with the exit code when the process has ended, 128 and the signal's number if a signal ended it} */
    public CompletableFuture<Integer> ended() {
        return ended.copy();
    }

    /**
     * Writes to the process's standard input.
     *
     * @param bytes few enough for the pipe, which holds 4096 at least
     * @throws IOException if the process has ended
     */
    public synchronized void write(byte[] bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            long written = kernel.call(SystemCall.WRITE, input, copy.address(), bytes.length);
            copy.fill((byte) 0);
            if (written != bytes.length) {
                throw new IOException("the process takes no input: error " + -written);
            }
        }
    }

    /** Ends the process at once, and its input. */
    public synchronized void kill() {
        if (!reaped) {
            long _ = kernel.call(SystemCall.KILL, pid, SIGKILL);
        }
        closeInput();
    }

    private void closeInput() {
        if (input >= 0) {
            long _ = kernel.call(SystemCall.CLOSE, input);
            input = -1;
        }
    }

    private void reap() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(SIGINFO_BYTES, Long.BYTES);
            long waited = kernel.call(SystemCall.WAITID, P_PID, pid, info.address(), WEXITED | WNOWAIT, 0);
            while (waited == -EINTR) {
                waited = kernel.call(SystemCall.WAITID, P_PID, pid, info.address(), WEXITED | WNOWAIT, 0);
            }
            int status;
            synchronized (this) {
                long got = kernel.call(SystemCall.WAIT4, pid, info.address(), 0, 0);
                status = got == pid ? info.get(ValueLayout.JAVA_INT, 0) : 0;
                reaped = true;
                closeInput();
            }
            ended.complete(exitCode(status));
        } catch (RuntimeException | Error e) {
            ended.completeExceptionally(e);
        }
    }

    /** As WIFEXITED, WEXITSTATUS and WTERMSIG of wait(2). */
    private static int exitCode(int status) {
        int signal = status & 0x7f;
        return signal == 0 ? status >> 8 & 0xff : BY_SIGNAL + signal;
    }
}
