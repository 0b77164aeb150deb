package org.innerkeep.keeper;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;
import org.jspecify.annotations.Nullable;

/**
 * Starts processes that are confined before their first instruction. What confines a thread, such as a namespace, a filter of system
 * calls or a Landlock ruleset, is inherited by the processes that it starts and cannot be taken back. So each process is started on a
 * thread made for it, which confines itself step by step, starts the process and ends.
 *
 * <p>The JDK's own way to start a process makes a thread that waits for it, and that thread would inherit the confinement, and with
 * it every thread that it happens to make later, anywhere in the keeper. Therefore the process is started by {@code posix_spawn}, and
 * the confined thread does nothing else: it makes no thread, wakes no virtual thread and opens no file. All that it uses is prepared
 * by the caller and has run once before. Safe for use by several threads.
 */
final class Spawning {
    /** One thing that the thread does to itself. */
    interface Step {
        /**
         * Runs before the process is started, after the steps before this one, whose confinement is in force. It should be one system
         * call, prepared.
         */
        void apply() throws IOException;

        /** Runs once the process is started, on a free thread; the caller has the process by then. */
        default void attend(Process process) {}

        /** Runs last, on a free thread, whatever happened: what the step still holds is let go. */
        default void end() {}
    }

    private static final System.Logger LOG = System.getLogger(Spawning.class.getName());

    private static final long AT_FDCWD = -100;
    private static final long O_WRONLY = 1;
    private static final long O_CREAT = 0x40;
    private static final long O_TRUNC = 0x200;
    private static final long O_CLOEXEC = 0x80000;
    private static final long OWNER_ONLY = 0600;
    private static final long CLONE_FS = 0x200;
    private static final long SIG_SETMASK = 2;
    private static final long SIGKILL = 9;

    /** With the kernel's bits for signals, not the C library's. */
    private static final long SIGNALS_BYTES = 8;

    /** More than glibc's and musl's posix_spawn_file_actions_t, 80 bytes. */
    private static final long ACTIONS_BYTES = 256;

    /** Takes executing away, so that a socket has the mode rw-rw-rw-: processes that are confined may not change modes. */
    static final long UMASK = 0111;

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
    Spawning(Kernel kernel) throws IOException {
        this.kernel = kernel;
        ValueLayout pointer = ValueLayout.ADDRESS;
        ValueLayout number = ValueLayout.JAVA_INT;
        spawn = function(
                "posix_spawn", FunctionDescriptor.of(number, pointer, pointer, pointer, pointer, pointer, pointer));
        initActions = function("posix_spawn_file_actions_init", FunctionDescriptor.of(number, pointer));
        addDuplicate = function("posix_spawn_file_actions_adddup2", FunctionDescriptor.of(number, pointer, number, number));
        addCloseFrom = function("posix_spawn_file_actions_addclosefrom_np", FunctionDescriptor.of(number, pointer, number));
        try {
            start(List.of(() -> KernelException.check(SystemCall.CHDIR, -KernelException.ENOENT)), rehearsal()).destroyForcibly();
        } catch (IOException e) {
            // As meant: it failed, as a step may.
        }
        try {
            start(List.of(() -> kernel.call(SystemCall.GETPID)), rehearsal()).destroyForcibly();
        } catch (IOException e) {
            // As meant: there is no such program, and all up to the kernel's answer has run.
        }
    }

    private static ProcessBuilder rehearsal() {
        return new ProcessBuilder("/dev/null/nothing").directory(new File("/"));
    }

    private static MethodHandle function(String name, FunctionDescriptor descriptor) throws IOException {
        Linker linker = Linker.nativeLinker();
        MemorySegment found = linker.defaultLookup()
                .find(name)
                .orElseThrow(() -> new IOException("the C library has no " + name + ": glibc 2.34 or newer is needed"));
        return linker.downcallHandle(found, descriptor);
    }

    /**
     * Takes the steps on a new thread, and starts the process from it.
     *
     * @param steps in this order
     * @param command a program's absolute path and its arguments, its working directory, and files for standard output and error, which
     *     else go nowhere; its environment is empty, whatever the builder says
     * @return the process, which the steps may still attend to
     * @throws IOException if a step fails or the process does not start
     */
    Process start(List<? extends Step> steps, ProcessBuilder command) throws IOException {
        CompletableFuture<Child> born = new CompletableFuture<>();
        try {
            // Both run before there is a process: if there is no memory for a thread, no process may be left without one.
            Thread.ofPlatform().name("waiting for a process").daemon(true).start(() -> with(born, Child::reap));
            Thread.ofPlatform().name("attending").daemon(true).start(() -> with(born, child -> attend(steps, child)));
            Child child = spawn(steps, command);
            born.complete(child);
            return child;
        } catch (IOException | RuntimeException | Error e) {
            born.cancel(false);
            steps.forEach(Step::end);
            throw e;
        }
    }

    private static void with(CompletableFuture<Child> born, Consumer<Child> action) {
        Child child;
        try {
            child = born.join();
        } catch (CancellationException e) {
            // Nothing was started.
            return;
        }
        action.accept(child);
    }

    private static void attend(List<? extends Step> steps, Child child) {
        try {
            steps.forEach(step -> step.attend(child));
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "a process that was started cannot be attended to", e);
        } finally {
            steps.forEach(Step::end);
        }
    }

    private Child spawn(List<? extends Step> steps, ProcessBuilder command) throws IOException {
        // Shared: the starting thread uses what is prepared here.
        try (Arena arena = Arena.ofShared()) {
            MemorySegment ends = arena.allocate(2 * Integer.BYTES, Integer.BYTES);
            check(SystemCall.PIPE2, ends.address(), O_CLOEXEC);
            int read = ends.getAtIndex(ValueLayout.JAVA_INT, 0);
            int write = ends.getAtIndex(ValueLayout.JAVA_INT, 1);
            long output = -1;
            long errors = -1;
            Child child = null;
            try {
                output = open(arena, command.redirectOutput());
                errors = open(arena, command.redirectError());
                Start start = new Start(steps, command, actions(arena, read, (int) output, (int) errors), arena);
                int pid = start.run();
                try {
                    child = new Child(kernel, pid, write);
                    return child;
                } finally {
                    if (child == null) {
                        kernel.call(SystemCall.KILL, pid, SIGKILL);
                        kernel.call(SystemCall.WAIT4, pid, 0, 0, 0);
                    }
                }
            } finally {
                close(read);
                close(output);
                close(errors);
                if (child == null) {
                    close(write);
                }
            }
        }
    }

    private long open(Arena arena, ProcessBuilder.Redirect target) throws KernelException {
        String file = target.file() == null ? "/dev/null" : target.file().toString();
        return check(
                SystemCall.OPENAT,
                AT_FDCWD,
                arena.allocateFrom(file).address(),
                O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                OWNER_ONLY);
    }

    private void close(long descriptor) {
        if (descriptor >= 0) {
            kernel.call(SystemCall.CLOSE, descriptor);
        }
    }

    private long check(SystemCall call, long... arguments) throws KernelException {
        return KernelException.check(call, kernel.call(call, arguments));
    }

    /**
     * Standard input, output and error, and that all else is closed: the keeper's keys, sockets and memory are open in it.
     *
     * <p>Safety: the structure is larger than the C library's, and lives until the process has started.
     */
    private MemorySegment actions(Arena arena, int input, int output, int errors) throws IOException {
        MemorySegment actions = arena.allocate(ACTIONS_BYTES, Long.BYTES);
        try {
            int failed = (int) initActions.invokeExact(actions)
                    | (int) addDuplicate.invokeExact(actions, input, 0)
                    | (int) addDuplicate.invokeExact(actions, output, 1)
                    | (int) addDuplicate.invokeExact(actions, errors, 2)
                    | (int) addCloseFrom.invokeExact(actions, 3);
            if (failed != 0) {
                throw new IOException("no memory to start a process");
            }
            return actions;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("method handles of C functions throw nothing of their own", e);
        }
    }

    /** One start: what its thread needs, and how far it came. */
    private final class Start {
        private final List<? extends Step> steps;
        private final MemorySegment actions;
        private final MemorySegment path;
        private final MemorySegment folder;
        private final MemorySegment arguments;
        private final MemorySegment environment;
        private final MemorySegment noSignals;
        private final MemorySegment pid;

        /** Written by the thread, read when it has ended. */
        private int refused;

        private @Nullable Throwable failure;

        Start(List<? extends Step> steps, ProcessBuilder command, MemorySegment actions, Arena arena) {
            List<String> words = command.command();
            this.steps = steps;
            this.actions = actions;
            this.path = arena.allocateFrom(words.getFirst());
            this.folder = arena.allocateFrom(Objects.requireNonNullElse(command.directory(), new File(".")).toString());
            // Both lists end with a null pointer, which an arena's zeros are.
            this.arguments = arena.allocate(ValueLayout.ADDRESS, words.size() + 1L);
            for (int i = 0; i < words.size(); i++) {
                arguments.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(words.get(i)));
            }
            this.environment = arena.allocate(ValueLayout.ADDRESS);
            this.noSignals = arena.allocate(SIGNALS_BYTES, Long.BYTES);
            this.pid = arena.allocate(ValueLayout.JAVA_INT);
        }

        int run() throws IOException {
            Thread thread = Thread.ofPlatform().name("spawning").daemon(true).start(this::confineAndSpawn);
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
            if (failure != null) {
                throw failure instanceof IOException known ? known : new IOException("a process was not started", failure);
            }
            if (refused != 0) {
                throw new IOException("the kernel does not start " + path.getString(0) + ": error " + refused);
            }
            return pid.get(ValueLayout.JAVA_INT, 0);
        }

        private void confineAndSpawn() {
            try {
                // Working directory and mask for new files are a process's, until a thread has its own.
                check(SystemCall.UNSHARE, CLONE_FS);
                check(SystemCall.CHDIR, folder.address());
                check(SystemCall.UMASK, UMASK);
                check(SystemCall.RT_SIGPROCMASK, SIG_SETMASK, noSignals.address(), 0, SIGNALS_BYTES);
                for (int i = 0; i < steps.size(); i++) {
                    steps.get(i).apply();
                }
                refused = (int) spawn.invokeExact(pid, path, actions, MemorySegment.NULL, arguments, environment);
            } catch (Throwable e) {
                failure = e;
            }
        }
    }
}
