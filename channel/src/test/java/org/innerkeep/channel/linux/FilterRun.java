package org.innerkeep.channel.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs a filter as the kernel does (linux/filter.h, the few instructions that are used), on either machine's numbers. */
record FilterRun(CallFilter filter, Machine machine) {
    enum Outcome {
        ALLOWED,
        NO_PERMISSION,
        NO_SUCH_CALL,
        KILLED
    }

    Outcome of(SystemCall call, long... arguments) {
        return of(machine.auditArch(), call.number(machine), arguments);
    }

    Outcome of(int arch, int number, long... arguments) {
        // struct seccomp_data
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder()).putInt(number).putInt(arch).putLong(0);
        for (long argument : arguments) {
            data.putLong(argument);
        }
        ByteBuffer program = ByteBuffer.wrap(filter.program()).order(ByteOrder.nativeOrder());
        int word = 0;
        int at = 0;
        while (true) {
            int code = program.getShort(8 * at) & 0xffff;
            int ifTrue = program.get(8 * at + 2) & 0xff;
            int ifFalse = program.get(8 * at + 3) & 0xff;
            int value = program.getInt(8 * at + 4);
            at++;
            switch (code) {
                case 0x20 -> word = data.getInt(value);
                case 0x54 -> word &= value;
                case 0x15 -> at += word == value ? ifTrue : ifFalse;
                case 0x35 -> at += Integer.compareUnsigned(word, value) >= 0 ? ifTrue : ifFalse;
                case 0x06 -> {
                    return outcome(value);
                }
                default -> throw new AssertionError("instruction " + at + " has code " + code);
            }
        }
    }

    private static Outcome outcome(int value) {
        return switch (value) {
            case 0x7fff0000 -> Outcome.ALLOWED;
            case 0x00050000 | CallFilter.EPERM -> Outcome.NO_PERMISSION;
            case 0x00050000 | CallFilter.ENOSYS -> Outcome.NO_SUCH_CALL;
            case 0x80000000 -> Outcome.KILLED;
            default -> throw new AssertionError("the filter returns " + Integer.toHexString(value));
        };
    }
}
