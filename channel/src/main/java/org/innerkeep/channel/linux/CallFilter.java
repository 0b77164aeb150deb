package org.innerkeep.channel.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A filter for system calls (seccomp(2), {@code SECCOMP_SET_MODE_FILTER}): calls that it names are allowed, some of them with certain
 * arguments only; all others fail with an error. A process that calls as on another machine is ended, for the numbers would mean other
 * calls. Immutable.
 */
public final class CallFilter {
    /** The size of one instruction, struct sock_filter. */
    public static final int INSTRUCTION_BYTES = 8;

    /** Error "operation not permitted". */
    public static final int EPERM = 1;

    /** Error "no such call", after which libraries try an older one. */
    public static final int ENOSYS = 38;

    private static final int KILL_PROCESS = 0x80000000;
    private static final int ERRNO = 0x00050000;
    private static final int ALLOW = 0x7fff0000;

    // linux/bpf_common.h: load a word of the input, compare, mask, return.
    private static final int LOAD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_AT_LEAST = 0x35;
    private static final int AND = 0x54;
    private static final int RETURN = 0x06;

    // struct seccomp_data of linux/seccomp.h.
    private static final int NUMBER = 0;
    private static final int ARCH = 4;
    private static final int ARGUMENTS = 16;

    /** Above the newest call that the lists were written against: a library that tries it falls back. */
    private static final int FIRST_UNKNOWN = 450;

    /**
     * What an argument must be. The low 32 bits are looked at, and the kernel looks at no more of the arguments that this is used for
     * (type int, or unsigned int).
     *
     * @param index which argument, from 0
     * @param mask the bits that matter
     * @param value what they must be
     */
    public record Argument(int index, int mask, int value) {
        /** Checks that it can be true. */
        public Argument {
            if (index < 0 || index > 5 || (value & ~mask) != 0) {
                throw new IllegalArgumentException("argument " + index + ": expected 0 to 5, and a value within its mask");
            }
        }

        static Argument is(int index, int value) {
            return new Argument(index, -1, value);
        }

        static Argument has(int index, int bits) {
            return new Argument(index, bits, bits);
        }

        static Argument lacks(int index, int bits) {
            return new Argument(index, bits, 0);
        }
    }

    private record Instruction(int code, int ifTrue, int ifFalse, int value) {}

    private final List<Instruction> instructions;

    private CallFilter(List<Instruction> instructions) {
        this.instructions = List.copyOf(instructions);
    }

    static Builder on(Machine machine) {
        return new Builder(machine);
    }

    /** {@return the instructions as the kernel takes them, {@value #INSTRUCTION_BYTES} bytes each, in the machine's byte order} */
    public byte[] program() {
        ByteBuffer program = ByteBuffer.allocate(instructions.size() * INSTRUCTION_BYTES).order(ByteOrder.nativeOrder());
        for (Instruction each : instructions) {
            program.putShort((short) each.code()).put((byte) each.ifTrue()).put((byte) each.ifFalse()).putInt(each.value());
        }
        return program.array();
    }

    /** Collects the rules of one filter. Calls that the machine does not have are left out. */
    static final class Builder {
        private final Machine machine;
        private final Map<SystemCall, List<List<Argument>>> allowed = new LinkedHashMap<>();
        private final Map<SystemCall, Integer> refused = new LinkedHashMap<>();

        private Builder(Machine machine) {
            this.machine = machine;
        }

        /** Allows calls with any arguments. */
        Builder allow(SystemCall... calls) {
            for (SystemCall call : calls) {
                alternatives(call).add(List.of());
            }
            return this;
        }

        /** Allows a call whose arguments are all as given. Several such rules for one call are alternatives. */
        Builder allowIf(SystemCall call, Argument... arguments) {
            alternatives(call).add(List.of(arguments));
            return this;
        }

        /** Refuses calls with an error of their own. */
        Builder refuse(int errno, SystemCall... calls) {
            for (SystemCall call : calls) {
                refused.put(call, errno);
            }
            return this;
        }

        private List<List<Argument>> alternatives(SystemCall call) {
            return allowed.computeIfAbsent(call, key -> new ArrayList<>());
        }

        /** The filter, which refuses all other calls with {@link #EPERM}, and those of newer kernels with {@link #ENOSYS}. */
        CallFilter build() {
            List<Instruction> all = new ArrayList<>();
            all.add(new Instruction(LOAD, 0, 0, ARCH));
            all.add(new Instruction(JUMP_IF_EQUAL, 1, 0, machine.auditArch()));
            all.add(new Instruction(RETURN, 0, 0, KILL_PROCESS));
            all.add(new Instruction(LOAD, 0, 0, NUMBER));
            allowed.forEach((call, alternatives) -> addRule(all, call, rule(alternatives)));
            refused.forEach((call, errno) -> addRule(all, call, List.of(new Instruction(RETURN, 0, 0, ERRNO | errno))));
            // Numbers are compared without sign: those of the 32-bit interfaces are among them.
            all.add(new Instruction(JUMP_IF_AT_LEAST, 0, 1, FIRST_UNKNOWN));
            all.add(new Instruction(RETURN, 0, 0, ERRNO | ENOSYS));
            all.add(new Instruction(RETURN, 0, 0, ERRNO | EPERM));
            return new CallFilter(all);
        }

        private void addRule(List<Instruction> all, SystemCall call, List<Instruction> rule) {
            if (call.number(machine) != SystemCall.ABSENT) {
                all.add(new Instruction(JUMP_IF_EQUAL, 0, rule.size(), call.number(machine)));
                all.addAll(rule);
            }
        }

        /** What is done about a call that was recognised; ends in a return on every path. */
        private static List<Instruction> rule(List<List<Argument>> alternatives) {
            List<Instruction> rule = new ArrayList<>();
            for (List<Argument> alternative : alternatives) {
                int left = 3 * alternative.size() + 1;
                for (Argument argument : alternative) {
                    left -= 3;
                    rule.addAll(Arrays.asList(
                            new Instruction(LOAD, 0, 0, ARGUMENTS + 8 * argument.index() + lowWord()),
                            new Instruction(AND, 0, 0, argument.mask()),
                            new Instruction(JUMP_IF_EQUAL, 0, left, argument.value())));
                }
                rule.add(new Instruction(RETURN, 0, 0, ALLOW));
            }
            rule.add(new Instruction(RETURN, 0, 0, ERRNO | EPERM));
            if (rule.size() > 255) {
                throw new IllegalStateException("a jump over " + rule.size() + " instructions: the kernel allows 255");
            }
            return rule;
        }

        private static int lowWord() {
            return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : 4;
        }
    }
}
