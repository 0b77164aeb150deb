package org.innerkeep.keeper;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/** What an enclave's heap can be made of. Both kinds are files without a name, which go when the last process unmaps them. */
enum HeapMemory {
    /** Memory that the kernel takes out of its own view (memfd_secret(2)); it is locked, so it is never swapped. */
    SECRET("/secretmem") {
        @Override
        long create(Kernel kernel) throws KernelException {
            return KernelException.check(SystemCall.MEMFD_SECRET, kernel.call(SystemCall.MEMFD_SECRET, O_CLOEXEC));
        }
    },
    /** Ordinary memory, which root and whoever dumps the machine can read (memfd_create(2)). */
    ORDINARY("/memfd:heap") {
        @Override
        long create(Kernel kernel) throws KernelException {
            // Safety: the kernel reads the name, which ends with a zero byte, and keeps a copy.
            try (Arena arena = Arena.ofConfined()) {
                long name = arena.allocateFrom("heap").address();
                return KernelException.check(
                        SystemCall.MEMFD_CREATE, kernel.call(SystemCall.MEMFD_CREATE, name, MFD_CLOEXEC));
            }
        }
    };

    private static final long O_CLOEXEC = 0x80000;
    private static final long MFD_CLOEXEC = 1;

    private final String shownAs;

    HeapMemory(String shownAs) {
        this.shownAs = shownAs;
    }

    /** {@return a new descriptor of memory of no size yet, which no process that is started inherits} */
    abstract long create(Kernel kernel) throws KernelException;

    /**
     * Tells whether a process has its whole heap in this memory, in one piece, and has closed its descriptor, by which others could map
     * the same memory (pidfd_getfd(2)). The kernel is asked, not the process.
     *
     * @param pid the process
     * @param bytes the size of the heap
     * @throws IOException if the kernel does not tell, or tells of other memory of this kind than one heap
     */
    boolean isWholeHeapOf(long pid, long bytes) throws IOException {
        long start = -1;
        long end = -1;
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
            // ADDRESS-ADDRESS PERMISSIONS OFFSET DEVICE INODE PATH
            String[] parts = line.split(" +", 6);
            if (parts.length < 6 || !parts[5].startsWith(shownAs)) {
                continue;
            }
            int dash = parts[0].indexOf('-');
            long from = Long.parseUnsignedLong(parts[0], 0, dash, 16);
            if (start >= 0 && from != end) {
                throw new IOException("the heap of process " + pid + " is in pieces");
            }
            start = start < 0 ? from : start;
            end = Long.parseUnsignedLong(parts[0], dash + 1, parts[0].length(), 16);
        }
        if (start < 0) {
            return false;
        }
        if (end - start != bytes) {
            throw new IOException("the heap of process " + pid + " has " + bytes + " bytes, of which " + (end - start)
                    + " are in the memory that it was given");
        }
        return !hasDescriptor(pid);
    }

    /** Whether a process holds a descriptor of memory of this kind. */
    boolean hasDescriptor(long pid) throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path each : descriptors) {
                try {
                    if (Files.readSymbolicLink(each).toString().startsWith(shownAs)) {
                        return true;
                    }
                } catch (NoSuchFileException e) {
                    // It was closed since it was listed.
                }
            }
        }
        return false;
    }
}
