package org.innerkeep.keeper;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Starts processes in a network namespace of their own (Linux, network_namespaces(7)), in which there is nothing but a loopback
 * address. A namespace belongs to a thread and is inherited by the processes that the thread starts, so a thread made for it leaves
 * the machine's network, sets up the loopback address, starts the process and ends. The namespace goes when the process does.
 */
final class OwnNetwork {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final short IFF_UP = 1;

    /** struct ifreq: the name in 16 bytes, then a union of which the flags are the first two bytes; 40 bytes. */
    private static final long IFREQ_BYTES = 40;

    private static final long IFREQ_FLAGS = 16;

    private OwnNetwork() {}

    /** What is done in the new network. */
    interface Action<T> {
        T run() throws IOException;
    }

    /** Whether this process may make network namespaces: root may, unless a container keeps it from it. */
    static boolean isPossible() {
        try {
            return run(() -> true);
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs an action on a thread with a network of its own; processes that it starts are in that network. */
    static <T> T run(Action<T> action) throws IOException {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().name("own network").start(() -> {
            try {
                leave();
                result.complete(action.run());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    thread.join();
                    return result.get();
                } catch (InterruptedException e) {
                    // The process may just have been started, and must not be lost.
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Safety of the foreign calls: each has the C library's own signature, gets memory of an arena that outlives it, and no pointer is
     * kept. They change this thread's network alone, and the thread does nothing else before it ends.
     */
    private static void leave() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Libc libc = new Libc(arena);
            libc.check("unshare", (int) libc.unshare.invokeExact(libc.errno, CLONE_NEWNET));
            int socket = libc.check("socket", (int) libc.socket.invokeExact(libc.errno, AF_INET, SOCK_DGRAM, 0));
            try {
                MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
                request.setString(0, "lo");
                libc.check("ioctl", (int) libc.ioctl.invokeExact(libc.errno, socket, SIOCGIFFLAGS, request));
                short flags = request.get(ValueLayout.JAVA_SHORT, IFREQ_FLAGS);
                request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, (short) (flags | IFF_UP));
                libc.check("ioctl", (int) libc.ioctl.invokeExact(libc.errno, socket, SIOCSIFFLAGS, request));
            } finally {
                int _ = (int) libc.close.invokeExact(libc.errno, socket);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("method handles of C functions throw nothing of their own", e);
        }
    }

    /** The four functions that are needed, with the number of the last error. */
    private static final class Libc {
        private static final StructLayout STATE = Linker.Option.captureStateLayout();
        private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

        private final MemorySegment errno;
        private final MethodHandle unshare;
        private final MethodHandle socket;
        private final MethodHandle ioctl;
        private final MethodHandle close;

        Libc(Arena arena) {
            errno = arena.allocate(STATE);
            unshare = function("unshare", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            socket = function(
                    "socket",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            ioctl = function(
                    "ioctl",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                    Linker.Option.firstVariadicArg(2));
            close = function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        }

        private static MethodHandle function(String name, FunctionDescriptor descriptor, Linker.Option... more) {
            Linker linker = Linker.nativeLinker();
            Linker.Option[] options = new Linker.Option[more.length + 1];
            options[0] = Linker.Option.captureCallState("errno");
            System.arraycopy(more, 0, options, 1, more.length);
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
        }

        int check(String function, int result) throws IOException {
            if (result < 0) {
                throw new IOException("no network of its own: " + function + " failed with error " + (int) ERRNO.get(errno, 0L));
            }
            return result;
        }
    }
}
