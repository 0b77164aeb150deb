package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/**
 * Searches what a process's descriptors lead to. Each descriptor is copied (pidfd_getfd(2)) and mapped, which reads memory that
 * has
 * no name, such as a heap of {@code memfd_create} or {@code memfd_secret} whose descriptor somebody kept. Pipes, sockets and
 * other
 * things without a size are not read: that would take their bytes from the process. Used once, by one thread.
 */
final class DescriptorScan {
    private static final long PROT_READ = 1;
    private static final long MAP_SHARED = 1;

    private final Kernel kernel;
    private final Limits limits;
    private final Matcher.Search search;
    private final Names names;
    private final Findings findings;
    private long others;

    DescriptorScan(Kernel kernel, Limits limits, Matcher.Search search, Names names, Findings findings) {
        this.kernel = kernel;
        this.limits = limits;
        this.search = search;
        this.names = names;
        this.findings = findings;
    }

    void run(long pid, Path process) {
        try {
            long handle = KernelException.check(SystemCall.PIDFD_OPEN, kernel.call(SystemCall.PIDFD_OPEN, pid, 0));
            try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
                for (Path each : descriptors) {
                    copy(handle, process.resolve("fd").relativize(each).toString(), each);
                }
            } finally {
                kernel.call(SystemCall.CLOSE, handle);
            }
        } catch (IOException e) {
            findings.unread("descriptors of process " + pid, FileScan.why(e)
                    + "; wanted: a running process that this one may trace, or root");
        }
        if (others > 0) {
            findings.note(others + " pipes, sockets and other descriptors without content of their own not read");
        }
    }

    private void copy(long handle, String name, Path link) {
        String where = link.toString();
        try {
            long number = Long.parseLong(name);
            where = names.shown(Files.readSymbolicLink(link).toString());
            long ours = KernelException.check(
                    SystemCall.PIDFD_GETFD, kernel.call(SystemCall.PIDFD_GETFD, handle, number, 0));
            try {
                BasicFileAttributes attributes =
                        Files.readAttributes(Path.of("/proc/self/fd/" + ours), BasicFileAttributes.class);
                if (attributes.isRegularFile()) {
                    read(ours, link, where, attributes.size());
                } else {
                    others++;
                }
            } finally {
                kernel.call(SystemCall.CLOSE, ours);
            }
        } catch (IOException e) {
            // A descriptor that the process closed meanwhile leads nowhere.
            if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                findings.unread(where, FileScan.why(e));
            }
        }
    }

    private void read(long descriptor, Path link, String where, long size) throws IOException {
        long most = Math.min(Math.min(size, limits.bytesPerFile()), limits.bytesPerPlace() - findings.bytesRead());
        if (most < size) {
            findings.unread(where, "a limit ended the scan after " + most + " bytes of " + size);
        }
        if (most <= 0) {
            return;
        }
        long address = kernel.call(SystemCall.MMAP, 0, most, PROT_READ, MAP_SHARED, descriptor, 0);
        if (address < 0) {
            // A descriptor for writing alone, such as of a log, cannot be mapped to read; its file can be opened anew.
            new FileScan(search, findings).run(link, where, most);
            return;
        }
        // Safety: the kernel gave this many bytes, and they stay mapped until the call below. A file that somebody shortens
        // makes an
        // InternalError of what is read behind its end.
        MemorySegment mapped = MemorySegment.ofAddress(address).reinterpret(most);
        try {
            Positioned bytes = (into, offset, length, at) -> {
                int n = (int) Math.min(length, most - at);
                MemorySegment.copy(mapped, ValueLayout.JAVA_BYTE, at, into, offset, n);
                return n;
            };
            findings.read(search.run(new FileScan.Range(bytes, 0, most),
                    (needle, offset) -> findings.found(needle, () -> where, offset)));
        } catch (InternalError _) {
            findings.unread(where, "it was shortened while it was read");
        } finally {
            kernel.call(SystemCall.MUNMAP, address, most);
        }
    }
}
