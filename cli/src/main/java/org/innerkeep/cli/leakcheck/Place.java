package org.innerkeep.cli.leakcheck;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Where a scan looks. */
public sealed interface Place {

    /** {@return what the report calls this place} */
    String name();

    /**
     * A file, or a folder with everything below it; the names of files and folders are searched like contents. Symbolic links
     * below the path are not followed; links, pipes, sockets and devices are counted in the report and not read.
     *
     * @param name what the report calls it
     * @param path a file or folder, or a symbolic link to one
     * @param except files and folders below that are not read; the report names them
     */
    record Tree(String name, Path path, Set<Path> except) implements Place {
        /** Copies the set. */
        public Tree {
            except = Set.copyOf(except);
        }

        /**
         * Everything at and below a path.
         *
         * @param name what the report calls it
         * @param path a file or folder, or a symbolic link to one
         */
        public Tree(String name, Path path) {
            this(name, path, Set.of());
        }
    }

    /**
     * The memory of a running process on this machine (Linux): every mapping that the process itself may read. Needs the
     * right to trace the process: the same user and, where the kernel's {@code yama.ptrace_scope} is 1, being its ancestor;
     * else root.
     *
     * @param name what the report calls it
     * @param pid the number of the process; not this process, which holds every needle itself
     * @param way how it is read
     */
    record Memory(String name, long pid, Way way) implements Place {
        /** How the memory of a process can be read by another. The kernel judges each by itself. */
        public enum Way {
            /** The file {@code /proc/PID/mem}. */
            FILE,
            /** The system call process_vm_readv(2). */
            CALL
        }

        /** Checks that this is another process. */
        public Memory {
            requireOther(pid);
        }

        /**
         * Memory that is read through its file.
         *
         * @param name what the report calls it
         * @param pid the number of the process
         */
        public Memory(String name, long pid) {
            this(name, pid, Way.FILE);
        }
    }

    /**
     * What the descriptors of a running process lead to (Linux 5.6): each is copied into this process and mapped, files with a
     * name or
     * without. What has no content of its own, such as a socket, is counted and not read.
     *
     * @param name what the report calls it
     * @param pid the number of the process; not this process
     */
    record Descriptors(String name, long pid) implements Place {
        /** Checks that this is another process. */
        public Descriptors {
            requireOther(pid);
        }
    }

    /**
     * The files behind the mappings of a running process, opened anew through {@code /proc/PID/map_files} (Linux). Needs root.
     *
     * @param name what the report calls it
     * @param pid the number of the process; not this process
     */
    record MappedFiles(String name, long pid) implements Place {
        /** Checks that this is another process. */
        public MappedFiles {
            requireOther(pid);
        }
    }

    private static void requireOther(long pid) {
        if (pid <= 0 || pid == ProcessHandle.current().pid()) {
            throw new IllegalArgumentException("process " + pid
                    + " cannot be scanned from here: give another process, since this one holds all that is sought");
        }
    }

    /**
     * A running process in every way in which root reads another without changing it: its memory twice, what its descriptors
     * lead to,
     * and the files behind its mappings.
     *
     * @param name what the report calls it
     * @param pid the number of the process; not this process
     * @return the places
     */
    static List<Place> process(String name, long pid) {
        return List.of(
                new Memory("memory of " + name, pid),
                new Memory("memory of " + name + ", by process_vm_readv", pid, Memory.Way.CALL),
                new Descriptors("descriptors of " + name, pid),
                new MappedFiles("files mapped by " + name, pid));
    }

    /** Every device and file of {@code /proc/swaps} (Linux). Usually needs root. */
    record Swap() implements Place {
        @Override
        public String name() {
            return "swap";
        }
    }

    /**
     * The folders where programs on this machine put temporary files: Java's, {@code /tmp}, {@code /var/tmp} and
     * {@code /dev/shm}, those that exist, each once.
     *
     * @param except files and folders that are not read; the report names those it came across
     * @return one place for each folder
     */
    static List<Place> temporaryFolders(Set<Path> except) {
        List<Path> known = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        Stream.of(System.getProperty("java.io.tmpdir"), "/tmp", "/var/tmp", "/dev/shm").map(Path::of)
                .map(path -> path.toAbsolutePath().normalize())
                .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                .sorted((a, b) -> Integer.compare(a.getNameCount(), b.getNameCount()))
                .filter(path -> known.stream().noneMatch(path::startsWith))
                .forEach(path -> {
                    known.add(path);
                    places.add(new Tree(path.toString(), path, except));
                });
        return List.copyOf(places);
    }
}
