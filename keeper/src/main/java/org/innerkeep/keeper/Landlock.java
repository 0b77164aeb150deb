package org.innerkeep.keeper;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.KernelException;
import org.innerkeep.channel.linux.SystemCall;

/**
 * A set of files that a thread and all processes it starts are confined to (landlock(7)), for good. Whatever the kernel can control is
 * controlled: reading, executing and making files from its first version on, moving from the second, truncating from the third, TCP
 * from the fourth, devices' own operations from the fifth, signals and abstract sockets of others from the sixth.
 */
final class Landlock implements Spawning.Step {
    /** What may be done below a folder, or with a file. */
    enum Access {
        /** Files can be read. */
        READ(READ_FILE),
        /** Files can be read, and folders listed. */
        READ_ALL(READ_FILE | READ_DIR),
        /** Files can be read, and executed as programs. */
        EXECUTE(READ_FILE | EXECUTE_FILE),
        /** Files that are there can be read and written. */
        READ_WRITE(READ_FILE | WRITE_FILE),
        /** One file's content can be read and written, by mapping it too. The path must be that of the file, not of a link to it. */
        SHARE(READ_FILE | WRITE_FILE),
        /** Sockets can be made, and nothing else. */
        MAKE_SOCKETS(MAKE_SOCK);

        private final long rights;

        Access(long rights) {
            this.rights = rights;
        }
    }

    /**
     * One rule.
     *
     * @param path a file, or a folder with all that is in it; followed if it is a link, unless the access says otherwise
     * @param access what may be done
     */
    record Rule(Path path, Access access) {
        /** @throws IOException if the path is none that may have this access */
        void require() throws IOException {
            if (access == Access.SHARE && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(path + " is to be shared, and is no file of its own");
            }
        }
    }

    // linux/landlock.h
    private static final long EXECUTE_FILE = 1;
    private static final long WRITE_FILE = 1 << 1;
    private static final long READ_FILE = 1 << 2;
    private static final long READ_DIR = 1 << 3;
    private static final long MAKE_SOCK = 1 << 9;
    private static final long FILES_1 = (1 << 13) - 1;
    private static final long REFER = 1 << 13;
    private static final long TRUNCATE = 1 << 14;
    private static final long IOCTL_DEV = 1 << 15;
    private static final long TCP = 3;
    private static final long SCOPES = 3;
    private static final long CREATE_RULESET_VERSION = 1;
    private static final long RULE_PATH_BENEATH = 1;
    private static final long ATTRIBUTES_BYTES = 24;
    private static final long BENEATH_BYTES = 12;

    private static final long AT_FDCWD = -100;
    private static final long O_PATH = 0x200000;
    private static final long O_CLOEXEC = 0x80000;

    private final Kernel kernel;
    private final long descriptor;

    private Landlock(Kernel kernel, long descriptor) {
        this.kernel = kernel;
        this.descriptor = descriptor;
    }

    /** {@return the version of Landlock that the kernel has; 0 if it has none, or none is switched on} */
    static int version(Kernel kernel) {
        return Math.toIntExact(Math.max(0, kernel.call(SystemCall.LANDLOCK_CREATE_RULESET, 0, 0, CREATE_RULESET_VERSION)));
    }

    /**
     * Makes a set. It confines nobody yet.
     *
     * @param kernel with at least version 1
     * @param rules what is allowed; all other files are closed
     * @param ownNetwork whether TCP stays open, since there is nothing to be reached by it
     * @return the set
     * @throws IOException if a path of a rule cannot be opened, or the kernel refuses
     */
    static Landlock of(Kernel kernel, List<Rule> rules, boolean ownNetwork) throws IOException {
        int version = version(kernel);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, Long.BYTES);
            attributes.set(ValueLayout.JAVA_LONG, 0, handledFiles(version));
            attributes.set(ValueLayout.JAVA_LONG, 8, version >= 4 && !ownNetwork ? TCP : 0);
            attributes.set(ValueLayout.JAVA_LONG, 16, version >= 6 ? SCOPES : 0);
            Landlock set = new Landlock(kernel, check(
                    kernel.call(SystemCall.LANDLOCK_CREATE_RULESET, attributes.address(), ATTRIBUTES_BYTES, 0),
                    "a set of rules cannot be made"));
            try {
                for (Rule rule : rules) {
                    set.add(rule, arena);
                }
                return set;
            } catch (IOException | RuntimeException e) {
                set.end();
                throw e;
            }
        }
    }

    private static long handledFiles(int version) {
        return FILES_1 | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? IOCTL_DEV : 0);
    }

    private void add(Rule rule, Arena arena) throws IOException {
        rule.require();
        long opened = check(
                kernel.call(
                        SystemCall.OPENAT,
                        AT_FDCWD,
                        arena.allocateFrom(rule.path().toString()).address(),
                        O_PATH | O_CLOEXEC),
                "cannot open " + rule.path());
        try {
            // The kernel refuses rights over folders for what is none.
            long rights = Files.isDirectory(rule.path()) ? rule.access().rights : rule.access().rights & ~READ_DIR;
            // struct landlock_path_beneath_attr is packed.
            MemorySegment beneath = arena.allocate(BENEATH_BYTES, Long.BYTES);
            beneath.set(ValueLayout.JAVA_LONG, 0, rights);
            beneath.set(ValueLayout.JAVA_INT, 8, Math.toIntExact(opened));
            long _ = check(
                    kernel.call(SystemCall.LANDLOCK_ADD_RULE, descriptor, RULE_PATH_BENEATH, beneath.address(), 0),
                    "no rule can be made for " + rule.path());
        } finally {
            kernel.call(SystemCall.CLOSE, opened);
        }
    }

    /** Confines the calling thread, which must have given up new privileges before. */
    @Override
    public void apply() throws KernelException {
        KernelException.check(
                SystemCall.LANDLOCK_RESTRICT_SELF, kernel.call(SystemCall.LANDLOCK_RESTRICT_SELF, descriptor, 0));
    }

    /** Whom the set confines stays confined. */
    @Override
    public void end() {
        kernel.call(SystemCall.CLOSE, descriptor);
    }

    private static long check(long result, String what) throws IOException {
        if (result < 0) {
            throw new IOException("landlock: " + what + ": error " + -result);
        }
        return result;
    }

    /**
     * Rules for those of some paths that exist.
     *
     * @param access what may be done
     * @param paths files and folders, some of which a machine may not have
     * @return one rule for each that exists
     */
    static List<Rule> forThoseThere(Access access, List<String> paths) {
        List<Rule> rules = new ArrayList<>();
        for (String path : paths) {
            if (Files.exists(Path.of(path))) {
                rules.add(new Rule(Path.of(path), access));
            }
        }
        return rules;
    }
}
