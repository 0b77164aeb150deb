package org.innerkeep.keeper;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.Machine;
import org.innerkeep.channel.linux.SystemCall;

/**
 * A filter (seccomp(2)) that hands two system calls to the keeper, which a JVM makes for a heap that is to lie in a file (option {@code
 * AllocateHeapAt}): {@code openat} of a file without a name ({@code O_TMPFILE}), and {@code fallocate} of it. Everything else passes.
 * Once the keeper has closed its end, both calls fail for ever: {@code ENOSYS}.
 */
final class HeapFilter {
    private static final int KILL_PROCESS = 0x80000000;
    private static final int USER_NOTIF = 0x7fc00000;
    private static final int ALLOW = 0x7fff0000;

    /** The one bit that tells {@code O_TMPFILE}; the other that is set in it, {@code O_DIRECTORY}, is common alone. */
    private static final int TMPFILE_BIT = 0x400000;

    // linux/bpf_common.h: load a word of the input, jump if equal, jump if a bit is set, return.
    private static final int LOAD = 0x20;
    private static final int EQUAL = 0x15;
    private static final int SET = 0x45;
    private static final int RETURN = 0x06;

    // struct seccomp_data of linux/seccomp.h; both machines are little-endian, so an argument's low word comes first.
    private static final int NUMBER = 0;
    private static final int ARCH = 4;
    private static final int ARGUMENT_2 = 32;

    private static final long PR_SET_NO_NEW_PRIVS = 38;
    private static final long SECCOMP_SET_MODE_FILTER = 1;
    private static final long SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;

    private HeapFilter() {}

    /**
     * Puts the filter on the calling thread, and on whatever it starts, for good; with it, the thread and its children can gain no
     * privileges any more, which the kernel demands.
     *
     * @return the keeper's end, a descriptor that no process that is started inherits
     * @throws KernelException if the kernel does not take it; {@code EBUSY} where a container already answers calls in this way
     */
    static long install(Kernel kernel) throws KernelException {
        check(kernel, SystemCall.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        // Safety: the kernel reads the program while the call lasts and keeps a copy of it.
        try (Arena arena = Arena.ofConfined()) {
            return check(
                    kernel,
                    SystemCall.SECCOMP,
                    SECCOMP_SET_MODE_FILTER,
                    SECCOMP_FILTER_FLAG_NEW_LISTENER,
                    program(arena, kernel.machine()).address());
        }
    }

    private static long check(Kernel kernel, SystemCall call, long... arguments) throws KernelException {
        return KernelException.check(call, kernel.call(call, arguments));
    }

    /** struct sock_fprog: the number of instructions, 2 bytes, and from byte 8 on where they are. */
    private static MemorySegment program(Arena arena, Machine machine) {
        long[] instructions = {
            instruction(LOAD, 0, 0, ARCH),
            instruction(EQUAL, 1, 0, machine.auditArch()),
            instruction(RETURN, 0, 0, KILL_PROCESS),
            instruction(LOAD, 0, 0, NUMBER),
            instruction(EQUAL, 4, 0, SystemCall.FALLOCATE.number(machine)),
            instruction(EQUAL, 0, 2, SystemCall.OPENAT.number(machine)),
            instruction(LOAD, 0, 0, ARGUMENT_2),
            instruction(SET, 1, 0, TMPFILE_BIT),
            instruction(RETURN, 0, 0, ALLOW),
            instruction(RETURN, 0, 0, USER_NOTIF),
        };
        MemorySegment code = arena.allocateFrom(ValueLayout.JAVA_LONG, instructions);
        MemorySegment program = arena.allocate(16, 8);
        program.set(ValueLayout.JAVA_SHORT, 0, (short) instructions.length);
        program.set(ValueLayout.JAVA_LONG, 8, code.address());
        return program;
    }

    /** struct sock_filter, little-endian: code, 2 bytes; how many to jump if true and if not, 1 byte each; value, 4 bytes. */
    private static long instruction(int code, int ifTrue, int ifFalse, int value) {
        return code | (long) ifTrue << 16 | (long) ifFalse << 24 | (long) value << 32;
    }
}
