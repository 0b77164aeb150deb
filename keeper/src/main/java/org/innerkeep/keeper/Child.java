package org.innerkeep.keeper;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/**
 * A process started by {@link Spawning}. It is waited for by a thread of its own, so that its id is not given to another process while
 * somebody may still send a signal to it. Safe for use by several threads.
 */
final class Child extends Process {
    private static final long P_PID = 1;
    private static final long WEXITED = 4;
    private static final long WNOWAIT = 0x01000000;
    private static final long SIGINFO_BYTES = 128;
    private static final long SIGTERM = 15;
    private static final long SIGKILL = 9;

    /** What is added to the number of the signal that ended a process, as shells do. */
    private static final int BY_SIGNAL = 128;

    private final Kernel kernel;
    private final long pid;
    private final Input input;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private boolean reaped;

    Child(Kernel kernel, long pid, long input) {
        this.kernel = kernel;
        this.pid = pid;
        this.input = new Input(input);
    }

    @Override
    public long pid() {
        return pid;
    }

    /** {@return standard input; the process sees its end when this is closed} */
    @Override
    public OutputStream getOutputStream() {
        return input;
    }

    @Override
    public InputStream getInputStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return ended.thenApply(code -> this);
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("process " + pid + " cannot be waited for", e);
        }
    }

    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        try {
            ended.get(timeout, unit);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("process " + pid + " cannot be waited for", e);
        }
    }

    @Override
    public boolean isAlive() {
        return !ended.isDone();
    }

    /** {@return the exit code; 128 and the signal's number if a signal ended it} */
    @Override
    public int exitValue() {
        if (!ended.isDone()) {
            throw new IllegalThreadStateException("process " + pid + " has not ended");
        }
        return ended.join();
    }

    @Override
    public void destroy() {
        signal(SIGTERM);
    }

    @Override
    public Process destroyForcibly() {
        signal(SIGKILL);
        return this;
    }

    private synchronized void signal(long signal) {
        if (!reaped) {
            kernel.call(SystemCall.KILL, pid, signal);
        }
        input.close();
    }

    /**
     * Waits until it has ended, and tells whoever waits; to be run by one thread.
     *
     * <p>Safety: the kernel writes a siginfo_t, of 128 bytes, and the status, an int.
     */
    void reap() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(SIGINFO_BYTES, Long.BYTES);
            long waited = -KernelException.EINTR;
            while (waited == -KernelException.EINTR) {
                waited = kernel.call(SystemCall.WAITID, P_PID, pid, info.address(), WEXITED | WNOWAIT, 0);
            }
            // A process that ignores SIGCHLD is told that it has no child: then nobody may say that this one has ended.
            KernelException.check(SystemCall.WAITID, waited);
            MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
            synchronized (this) {
                KernelException.check(SystemCall.WAIT4, kernel.call(SystemCall.WAIT4, pid, status.address(), 0, 0));
                reaped = true;
            }
            input.close();
            ended.complete(exitCode(status.get(ValueLayout.JAVA_INT, 0)));
        } catch (IOException | RuntimeException | Error e) {
            ended.completeExceptionally(e);
        }
    }

    /** As WIFEXITED, WEXITSTATUS and WTERMSIG of wait(2). */
    private static int exitCode(int status) {
        int signal = status & 0x7f;
        return signal == 0 ? status >> 8 & 0xff : BY_SIGNAL + signal;
    }

    /** The end of a pipe. */
    private final class Input extends OutputStream {
        private long descriptor;

        Input(long descriptor) {
            this.descriptor = descriptor;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int length) throws IOException {
            Objects.checkFromIndexSize(from, length, bytes.length);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment copy = arena.allocate(Math.max(1, length));
                MemorySegment.copy(bytes, from, copy, ValueLayout.JAVA_BYTE, 0, length);
                long done = 0;
                while (done < length) {
                    done += KernelException.check(
                            SystemCall.WRITE,
                            kernel.call(SystemCall.WRITE, descriptor, copy.address() + done, length - done));
                }
                // What is written here is secret.
                copy.fill((byte) 0);
            }
        }

        @Override
        public synchronized void close() {
            if (descriptor >= 0) {
                kernel.call(SystemCall.CLOSE, descriptor);
                descriptor = -1;
            }
        }
    }
}
