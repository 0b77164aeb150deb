package org.innerkeep.keeper;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/**
 * Takes a thread, and the processes that it starts, into a root folder of their own (mount_namespaces(7), pivot_root(2)), in which there
 * is nothing but the files of some Landlock rules, at their usual paths: no socket of the machine can be connected to by its path, and
 * what else there is cannot even be found. Only where sockets may be made can anything be made, and only
 * what is shared can be written.
 */
final class OwnRoot implements Spawning.Step {
    // linux/mount.h
    private static final long MS_RDONLY = 1;
    private static final long MS_NOSUID = 2;
    private static final long MS_NODEV = 4;
    private static final long MS_NOEXEC = 8;
    private static final long MS_REMOUNT = 32;
    private static final long MS_BIND = 4096;
    private static final long MS_REC = 16384;
    private static final long MS_PRIVATE = 1 << 18;
    private static final long MNT_DETACH = 2;
    private static final long CLONE_NEWNS = 0x20000;
    private static final long AT_FDCWD = -100;
    private static final long FOLDER_MODE = 0755;
    private static final long EMPTY_FILE = 0100444;

    /** Where the new root is put together: every Linux has this folder, and nothing that an enclave needs lies below it. */
    private static final String ROOT = "/proc";

    /** Folders that distributions keep below /usr, with a link in their old place. */
    private static final List<String> MOVED = List.of("/lib", "/lib64", "/bin", "/sbin");

    /** A call with its arguments, and what it is for. */
    private static final class Call {
        private final String what;
        private final SystemCall call;
        private final long[] arguments;

        Call(String what, SystemCall call, long... arguments) {
            this.what = what;
            this.call = call;
            this.arguments = arguments;
        }
    }

    private final Kernel kernel;
    private final Arena arena = Arena.ofShared();
    private final List<Call> calls = new ArrayList<>();

    /**
     * Prepares the folder.
     *
     * @param kernel makes the calls
     * @param rules what is there; paths that are real but for their last part
     * @param program what is executed in the end
     * @param work the working directory, below one of them
     */
    OwnRoot(Kernel kernel, List<Landlock.Rule> rules, Path program, Path work) throws IOException {
        this.kernel = kernel;
        try {
            prepare(rules, program, work);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private void prepare(List<Landlock.Rule> rules, Path program, Path work) throws IOException {
        add("mounts of its own", SystemCall.UNSHARE, CLONE_NEWNS);
        // Folders are made with the modes that are given.
        add("the mask for new files", SystemCall.UMASK, 0);
        // Nothing that is mounted here may appear outside.
        add("private mounts", SystemCall.MOUNT, 0, text("/"), 0, MS_REC | MS_PRIVATE, 0);
        add("an empty root", SystemCall.MOUNT, text("tmpfs"), text(ROOT), text("tmpfs"), MS_NOSUID | MS_NODEV, text("mode=755,size=1m"));
        Set<String> folders = new LinkedHashSet<>();
        // A JVM and the dynamic loader look here for where the program lies; it is all there is of the kernel's /proc.
        folder("/proc", folders);
        folder("/proc/self", folders);
        add("the program's own path", SystemCall.SYMLINKAT, text(program.toString()), AT_FDCWD, text(ROOT + "/proc/self/exe"));
        for (String moved : MOVED) {
            if (Files.isSymbolicLink(Path.of(moved))) {
                String target = Files.readSymbolicLink(Path.of(moved)).toString();
                add(moved, SystemCall.SYMLINKAT, text(target), AT_FDCWD, text(ROOT + moved));
            }
        }
        List<Path> shown = new ArrayList<>();
        for (Landlock.Rule rule : rules) {
            rule.require();
            Path path = place(rule.path());
            boolean changes = rule.access() == Landlock.Access.MAKE_SOCKETS || rule.access() == Landlock.Access.SHARE;
            if (changes || shown.stream().noneMatch(path::startsWith)) {
                show(path, rule, folders, shown.stream().noneMatch(path::startsWith));
                shown.add(path);
            }
        }
        add("the new root", SystemCall.CHDIR, text(ROOT));
        // Stacked on the old root, which is then taken away.
        add("the new root", SystemCall.PIVOT_ROOT, text("."), text("."));
        add("the old root", SystemCall.UMOUNT2, text("."), MNT_DETACH);
        add("the working directory", SystemCall.CHDIR, text(work.toString()));
        add("the mask for new files", SystemCall.UMASK, Spawning.UMASK);
    }

    /** Where a file is without the links of folders above it. */
    private static Path place(Path path) throws IOException {
        Path parent = path.getParent();
        return parent == null || Files.isDirectory(path)
                ? path.toRealPath()
                : parent.toRealPath().resolve(path.getFileName());
    }

    private void show(Path path, Landlock.Rule rule, Set<String> folders, boolean absent) {
        boolean folder = Files.isDirectory(path);
        String inside = ROOT + path;
        if (absent) {
            for (int i = 1; i <= path.getNameCount(); i++) {
                String each = "/" + path.subpath(0, i);
                if (i == path.getNameCount() && !folder) {
                    add(each, SystemCall.MKNODAT, AT_FDCWD, text(ROOT + each), EMPTY_FILE, 0);
                } else {
                    folder(each, folders);
                }
            }
        }
        long flags = MS_NOSUID | switch (rule.access()) {
            case MAKE_SOCKETS, SHARE -> MS_NODEV | MS_NOEXEC;
            // Devices, which are files.
            case READ, READ_WRITE -> MS_NOEXEC | MS_RDONLY;
            case READ_ALL, EXECUTE -> MS_NODEV | MS_RDONLY;
        };
        add(path.toString(), SystemCall.MOUNT, text(rule.path().toString()), text(inside), 0, MS_BIND, 0);
        add(path.toString(), SystemCall.MOUNT, 0, text(inside), 0, MS_BIND | MS_REMOUNT | flags, 0);
    }

    private void folder(String path, Set<String> made) {
        if (made.add(path)) {
            add(path, SystemCall.MKDIRAT, AT_FDCWD, text(ROOT + path), FOLDER_MODE);
        }
    }

    private void add(String what, SystemCall call, long... arguments) {
        calls.add(new Call(what, call, arguments));
    }

    private long text(String text) {
        return arena.allocateFrom(text).address();
    }

    /** Safety: all strings end with a zero byte and live until {@link #end}; the kernel keeps none. */
    @Override
    public void apply() throws IOException {
        for (int i = 0; i < calls.size(); i++) {
            Call each = calls.get(i);
            try {
                KernelException.check(each.call, kernel.call(each.call, each.arguments));
            } catch (KernelException e) {
                throw new IOException("no root folder of its own: " + each.what + ": " + e.getMessage(), e);
            }
        }
    }

    @Override
    public void end() {
        arena.close();
    }
}
