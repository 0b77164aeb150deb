package org.innerkeep.channel.linux;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * Makes system calls on the calling thread, by the C library's {@code syscall}, which adds nothing of its own: its wrappers would
 * change all threads where a call is meant for one. Linking takes some ten milliseconds, so make one and keep it. Safe for use by
 * several threads.
 */
public final class Kernel {
    /** The option of prctl(2) that gives up for good what an executed file could grant. */
    public static final long PR_SET_NO_NEW_PRIVS = 38;

    /** The option of prctl(2) that tells whether the thread has a filter: 2 if so. */
    public static final long PR_GET_SECCOMP = 21;

    /** The operation of seccomp(2) that adds a filter. */
    public static final long SECCOMP_SET_MODE_FILTER = 1;

    /** The flag of seccomp(2) that gives the filter to all threads of the process. */
    public static final long SECCOMP_FILTER_FLAG_TSYNC = 1;

    private static final int ARGUMENTS = 6;
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final Machine machine;
    private final MethodHandle syscall;

    /**
     * Links the function.
     *
     * @param machine on which this JVM runs
     */
    public Kernel(Machine machine) {
        this.machine = Objects.requireNonNull(machine, "machine");
        Linker linker = Linker.nativeLinker();
        ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
        this.syscall = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(word, word, word, word, word, word, word, word),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
    }

    /** {@return on which machine} */
    public Machine machine() {
        return machine;
    }

    /**
     * Makes a call. Safety: whatever addresses are among the arguments must be of memory that the caller keeps alive, as long as the
     * kernel writes there, and as large as it writes; nothing of that is checked.
     *
     * @param call which
     * @param arguments at most six; those left out are zero
     * @return the result, or the error's number, negated
     */
    public long call(SystemCall call, long... arguments) {
        if (arguments.length > ARGUMENTS) {
            throw new IllegalArgumentException("a system call has at most " + ARGUMENTS + " arguments");
        }
        int number = call.number(machine);
        if (number == SystemCall.ABSENT) {
            return -CallFilter.ENOSYS;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = (long) syscall.invokeExact(
                    state,
                    (long) number,
                    at(arguments, 0),
                    at(arguments, 1),
                    at(arguments, 2),
                    at(arguments, 3),
                    at(arguments, 4),
                    at(arguments, 5));
            return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a method handle of a C function throws nothing of its own", e);
        }
    }

    private static long at(long[] arguments, int index) {
        return index < arguments.length ? arguments[index] : 0;
    }

    /**
     * A filter as the kernel takes it, struct sock_fprog: the number of instructions, then where they are.
     *
     * @param filter the filter
     * @param arena holds the memory for as long as it is needed
     * @return the structure's address is an argument of seccomp(2)
     */
    public static MemorySegment program(CallFilter filter, Arena arena) {
        byte[] instructions = filter.program();
        AddressLayout pointer = ValueLayout.ADDRESS;
        MemorySegment code = arena.allocate(instructions.length, CallFilter.INSTRUCTION_BYTES);
        MemorySegment.copy(instructions, 0, code, ValueLayout.JAVA_BYTE, 0, instructions.length);
        MemorySegment program = arena.allocate(2 * pointer.byteSize(), pointer.byteAlignment());
        program.set(ValueLayout.JAVA_SHORT, 0, (short) (instructions.length / CallFilter.INSTRUCTION_BYTES));
        program.set(pointer, pointer.byteSize(), code);
        return program;
    }
}
