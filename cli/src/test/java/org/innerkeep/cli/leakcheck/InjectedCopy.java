package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;
import org.innerkeep.evidence.MalformedException;

/**
 * Reads a process's secret memory by code that runs in the process (x86-64). Three bytes are written to unused room of its code
 * cache by
 * process_vm_writev(2), which needs no tracing; by ptrace(2) its first thread runs them, and copies a part of the memory to
 * below its
 * stack, which is ordinary memory. No system call is made inside, so no filter of system calls sees it. All is put back.
 */
final class InjectedCopy {
    private static final int CHUNK = 256 << 10;
    /** How far below the stopped thread's stack pointer the copy ends: past what the ABI lets a function use there. */
    private static final int RED_ZONE = 4096;
    /** rep movsb; int3 */
    private static final byte[] COPY = {(byte) 0xf3, (byte) 0xa4, (byte) 0xcc};

    // Places in user_regs_struct of x86-64.
    private static final int RCX = 11;
    private static final int RSI = 13;
    private static final int RDI = 14;
    private static final int ORIG_RAX = 15;
    private static final int RIP = 16;
    private static final int RSP = 19;

    private final Kernel kernel;
    private final long pid;

    InjectedCopy(Kernel kernel, long pid) {
        this.kernel = kernel;
        this.pid = pid;
    }

    /** Takes a part of the memory with its first address. */
    interface Taker {
        void take(long address, byte[] part) throws IOException;
    }

    /** Copies all secret memory of the process, a part at a time. */
    void read(Taker taker) throws IOException, MalformedException {
        long code = unusedCode();
        byte[] before = read(code, COPY.length);
        write(code, COPY);
        try (StoppedThread thread = StoppedThread.stop(kernel, pid)) {
            long[] registers = thread.registers();
            try {
                for (ProcFiles.Region region : ProcFiles.regions(Files.readString(Path.of("/proc/" + pid + "/maps")))) {
                    for (long at = region.start(); region.secret() && at < region.end(); at += CHUNK) {
                        taker.take(at, copy(thread, registers, code, at, (int) Math.min(CHUNK, region.end() - at)));
                    }
                }
            } finally {
                thread.setRegisters(registers);
            }
        } finally {
            write(code, before);
        }
    }

    private byte[] copy(StoppedThread thread, long[] registers, long code, long from, int length) throws IOException {
        long[] copying = registers.clone();
        long below = registers[RSP] - RED_ZONE - CHUNK;
        // Otherwise the kernel would begin the interrupted system call again.
        copying[ORIG_RAX] = -1;
        copying[RSI] = from;
        copying[RDI] = below;
        copying[RCX] = length;
        copying[RIP] = code;
        thread.setRegisters(copying);
        thread.runToBreakpoint();
        return read(below, length);
    }

    /** The end of the code cache, where nothing is yet. */
    private long unusedCode() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
            if (line.contains(" rwxp ")) {
                long end = Long.parseUnsignedLong(line, line.indexOf('-') + 1, line.indexOf(' '), 16);
                byte[] last = read(end - 64, 64);
                if (HexFormat.of().formatHex(last).matches("0+")) {
                    return end - 64;
                }
            }
        }
        throw new IOException("there is no unused room in the code cache");
    }

    private byte[] read(long address, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try (FileChannel memory = FileChannel.open(Path.of("/proc/" + pid + "/mem"), StandardOpenOption.READ)) {
            while (bytes.hasRemaining()) {
                if (memory.read(bytes, address + bytes.position()) < 0) {
                    throw new IOException("the process ended");
                }
            }
        }
        return bytes.array();
    }

    private void write(long address, byte[] bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment local = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_LONG, local.address(), bytes.length);
            MemorySegment to = arena.allocateFrom(ValueLayout.JAVA_LONG, address, bytes.length);
            KernelException.check(SystemCall.PROCESS_VM_WRITEV,
                    kernel.call(SystemCall.PROCESS_VM_WRITEV, pid, from.address(), 1, to.address(), 1, 0));
        }
    }
}
