package org.innerkeep.keeper.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.SystemCall;
import org.jspecify.annotations.Nullable;

/**
 * Starts processes from threads that confine themselves first.
 *
 * <p>The JDK's own way to start a process makes a thread that waits for it, and so that thread would inherit the confinement, and with
 * it every thread that it happens to make later, anywhere in the keeper. Therefore the process is started by {@code posix_spawn}, and
 * the confined thread does nothing else: it makes no thread, wakes no virtual thread, loads no class and opens no file. All that it
 * uses is prepared by the caller and has run once before. Safe for use by several threads.
 */
public final class Spawner {
    /**
     * Something that a thread does to itself before it starts the process. It must not load a class that the thread has not used
     * when it was free, so it is one system call, prepared.
     */
    @FunctionalInterface
    public interface Step {
        /** {@return a result that is not negative, or the error's number, negated} */
        long run();
    }

    /**
     * A step and what it does.
     *
     * @param name for messages
     * @param step what is done
     */
    public record Named(String name, Step step) {}

    /**
     * What is started.
     *
     * @param command the program's absolute path and its arguments; its environment is empty
     * @param folder the working directory
     * @param errors where standard error goes, made anew; nowhere if empty, as standard output
     * @param steps done in order on the starting thread, all of them or the process does not start
     */
    public record Plan(List<String> command, Path folder, Optional<Path> errors, List<Named> steps) {
        /** Copies the lists. */
        public Plan {
            command = List.copyOf(command);
            steps = List.copyOf(steps);
        }
    }

    private static final long AT_FDCWD = -100;
    private static final long O_WRONLY = 1;
    private static final long O_CREAT = 0x40;
    private static final long O_TRUNC = 0x200;
    private static final long O_CLOEXEC = 0x80000;
    private static final long OWNER_ONLY = 0600;
    private static final long CLONE_FS = 0x200;
    private static final long SIG_SETMASK = 2;

    /** With the kernel's bits for signals, not the C library's. */
    private static final long SIGNALS_BYTES = 8;

    /** More than glibc's and musl's posix_spawn_file_actions_t, 80 bytes. */
    private static final long ACTIONS_BYTES = 256;

    /** Takes writing and executing away from group and others, so that of a socket's mode rw-rw-rw- is left. */
    private static final long UMASK = 0111;

    private final Kernel kernel;
    private final MethodHandle spawn;
    private final MethodHandle initActions;
    private final MethodHandle addDuplicate;
    private final MethodHandle addCloseFrom;

    /**
     * Links the C library's functions, and runs all that a start runs once.
     *
     * @param kernel makes the system calls
     * @throws IOException if the C library is too old to close what a process must not inherit (glibc 2.34)
     */
    public Spawner(Kernel kernel) throws IOException {
        this.kernel = kernel;
        spawn = function("posix_spawn", 6);
        initActions = function("posix_spawn_file_actions_init", 1);
        addDuplicate = function("posix_spawn_file_actions_adddup2", 0);
        addCloseFrom = function("posix_spawn_file_actions_addclosefrom_np", -1);
        Plan nothing = new Plan(
                List.of("/nowhere/at/all"),
                Path.of("/"),
                Optional.empty(),
                List.of(new Named("a step", () -> kernel.call(SystemCall.GETPID))));
        try {
            start(nothing).kill();
        } catch (IOException e) {
            // It does not exist: all up to the kernel's answer has run.
        }
    }

    private static MethodHandle function(String name, int pointers) throws IOException {
        Linker linker = Linker.nativeLinker();
        MemorySegment found = linker.defaultLookup()
                .find(name)
                .orElseThrow(() -> new IOException("the C library has no " + name + ": glibc 2.34 or newer is needed"));
        return linker.downcallHandle(found, descriptor(pointers));
    }

    private static FunctionDescriptor descriptor(int pointers) {
        ValueLayout pointer = ValueLayout.ADDRESS;
        ValueLayout number = ValueLayout.JAVA_INT;
        return switch (pointers) {
            case -1 -> FunctionDescriptor.of(number, pointer, number);
            case 0 -> FunctionDescriptor.of(number, pointer, number, number);
            case 1 -> FunctionDescriptor.of(number, pointer);
            default -> FunctionDescriptor.of(number, pointer, pointer, pointer, pointer, pointer, pointer);
        };
    }

    /**
     * Starts a process.
     *
     * @param plan what, where and how confined
     * @return the process, which runs
     * @throws IOException if a step fails, and then nothing was started, or if the program cannot be executed
     */
    public Child start(Plan plan) throws IOException {
        try (Arena arena = Arena.ofShared();
                Descriptors descriptors = new Descriptors()) {
            MemorySegment ends = arena.allocate(2 * Integer.BYTES, Integer.BYTES);
            check(kernel.call(SystemCall.PIPE2, ends.address(), O_CLOEXEC), "no pipe");
            long read = descriptors.add(ends.getAtIndex(ValueLayout.JAVA_INT, 0));
            long write = ends.getAtIndex(ValueLayout.JAVA_INT, 1);
            Child child = null;
            try {
                long nowhere = descriptors.add(open(arena, Path.of("/dev/null"), O_WRONLY | O_CLOEXEC));
                long errors = plan.errors().isEmpty()
                        ? nowhere
                        : descriptors.add(open(arena, plan.errors().get(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC));
                Start start = new Start(plan, actions(arena, read, nowhere, errors), arena);
                child = Child.watch(kernel, start.run(), write);
                return child;
            } finally {
                if (child == null) {
                    long _ = kernel.call(SystemCall.CLOSE, write);
                }
            }
        }
    }

    private long open(Arena arena, Path file, long flags) throws IOException {
        return check(
                kernel.call(
                        SystemCall.OPENAT, AT_FDCWD, arena.allocateFrom(file.toString()).address(), flags, OWNER_ONLY),
                "cannot open " + file);
    }

    /** Standard input, output and error, and that all else is closed: the keeper's keys, sockets and memory are open in it. */
    private MemorySegment actions(Arena arena, long input, long output, long errors) throws IOException {
        MemorySegment actions = arena.allocate(ACTIONS_BYTES, Long.BYTES);
        try {
            check(-(int) initActions.invokeExact(actions), "file actions");
            check(-(int) addDuplicate.invokeExact(actions, (int) input, 0), "file actions");
            check(-(int) addDuplicate.invokeExact(actions, (int) output, 1), "file actions");
            check(-(int) addDuplicate.invokeExact(actions, (int) errors, 2), "file actions");
            check(-(int) addCloseFrom.invokeExact(actions, 3), "file actions");
            return actions;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("method handles of C functions throw nothing of their own", e);
        }
    }

    private static long check(long result, String what) throws IOException {
        if (result < 0) {
            throw new IOException(what + ": error " + -result);
        }
        return result;
    }

    /** One start: what its thread needs, and how far it came. */
    private final class Start {
        private final Plan plan;
        private final MemorySegment actions;
        private final MemorySegment path;
        private final MemorySegment folder;
        private final MemorySegment arguments;
        private final MemorySegment environment;
        private final MemorySegment noSignals;
        private final MemorySegment pid;

        /** Written by the thread, read when it has ended. */
        private String failedAt = "";

        private long error;
        private @Nullable Throwable thrown;

        Start(Plan plan, MemorySegment actions, Arena arena) {
            this.plan = plan;
            this.actions = actions;
            this.path = arena.allocateFrom(plan.command().getFirst());
            this.folder = arena.allocateFrom(plan.folder().toString());
            this.arguments = arena.allocate(ValueLayout.ADDRESS, plan.command().size() + 1L);
            for (int i = 0; i < plan.command().size(); i++) {
                arguments.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(plan.command().get(i)));
            }
            this.environment = arena.allocate(ValueLayout.ADDRESS);
            this.noSignals = arena.allocate(SIGNALS_BYTES, Long.BYTES);
            this.pid = arena.allocate(ValueLayout.JAVA_INT);
        }

        long run() throws IOException {
            Thread thread = Thread.ofPlatform().name("enclave start").start(this::confineAndSpawn);
            boolean interrupted = false;
            while (true) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    // The process may just have been started, and must not be lost.
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (thrown != null) {
                throw new IOException("the process was not started", thrown);
            }
            if (error != 0) {
                throw new IOException("the process was not started: " + failedAt + ": error " + error);
            }
            return pid.get(ValueLayout.JAVA_INT, 0);
        }

        private void confineAndSpawn() {
            try {
                // Working directory and mask for new files are a process's, until a thread has its own.
                if (failed("a working directory of its own", kernel.call(SystemCall.UNSHARE, CLONE_FS))
                        || failed("the working directory", kernel.call(SystemCall.CHDIR, folder.address()))
                        || failed("the mask for new files", kernel.call(SystemCall.UMASK, UMASK))
                        || failed("the signals", kernel.call(
                                SystemCall.RT_SIGPROCMASK, SIG_SETMASK, noSignals.address(), 0, SIGNALS_BYTES))) {
                    return;
                }
                for (int i = 0; i < plan.steps().size(); i++) {
                    Named named = plan.steps().get(i);
                    if (failed(named.name(), named.step().run())) {
                        return;
                    }
                }
                int refused = (int) spawn.invokeExact(
                        pid, path, actions, MemorySegment.NULL, arguments, environment);
                boolean _ = failed("its program", -refused);
            } catch (Throwable e) {
                thrown = e;
            }
        }

        private boolean failed(String what, long result) {
            if (result < 0) {
                failedAt = what;
                error = -result;
                return true;
            }
            return false;
        }
    }

    /** Descriptors of this process that are closed when the start is over. */
    private final class Descriptors implements AutoCloseable {
        private final long[] open = new long[4];
        private int count;

        long add(long descriptor) {
            open[count++] = descriptor;
            return descriptor;
        }

        @Override
        public void close() {
            for (int i = 0; i < count; i++) {
                long _ = kernel.call(SystemCall.CLOSE, open[i]);
            }
        }
    }
}
