package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The most that an enclave's process may take of the machine (getrlimit(2)). A process can only lower them.
 *
 * @param memoryBytes of private memory that can be written: the Java heap where it is not secret memory, the JVM's own, stacks, and
 *     what native libraries allocate
 * @param tasks threads; counted for each user, so it is there only where the enclave has a user of its own
 * @param descriptors open files and connections
 * @param fileBytes of any file that it writes
 */
record Limits(long memoryBytes, OptionalLong tasks, long descriptors, long fileBytes) {
    /**
     * For the JVM: code, classes, collector, some threads, those of the host's calls among them where these are more than are served
     * at once, and a small program's native memory.
     */
    private static final long BASE_BYTES = 768L << 20;

    /** A thread's stack, twice what Java takes, and what it allocates. */
    private static final long THREAD_BYTES = 2L << 20;

    /** A JVM's own threads, and a pool of native threads for each of many processors. */
    private static final long BASE_TASKS = 512;

    private static final long DESCRIPTORS = 16_384;

    /** What goes to standard error in a debug enclave. */
    private static final long DEBUG_LOG_BYTES = 64L << 20;

    private static final Pattern OPEN_FILES = Pattern.compile("(?m)^Max open files +\\S+ +(\\S+)");

    /**
     * The limits for a bundle.
     *
     * @param heapBytes its Java heap; as much again is allowed outside it
     * @param threads the most calls served at once
     * @param ownUser whether the enclave has a user id that no other process has
     * @param debug whether its standard error goes to a file
     * @return its limits
     * @throws IOException if the keeper's own limits cannot be read
     */
    static Limits of(long heapBytes, int threads, boolean ownUser, boolean debug) throws IOException {
        return new Limits(
                BASE_BYTES + 2 * heapBytes + threads * THREAD_BYTES,
                ownUser ? OptionalLong.of(BASE_TASKS + 4L * threads) : OptionalLong.empty(),
                Math.min(DESCRIPTORS, ownDescriptors()),
                debug ? DEBUG_LOG_BYTES : 0);
    }

    /** The keeper's own limit, which no process of its may exceed. */
    private static long ownDescriptors() throws IOException {
        Matcher limit = OPEN_FILES.matcher(Files.readString(Path.of("/proc/self/limits"), StandardCharsets.US_ASCII));
        if (!limit.find()) {
            throw new IOException("/proc/self/limits does not say how many files may be open");
        }
        return limit.group(1).equals("unlimited") ? DESCRIPTORS : Long.parseLong(limit.group(1));
    }

    /** {@return options for prlimit(1)} */
    List<String> options() {
        List<String> options = new ArrayList<>(List.of(
                // One byte: too small for a file, and what the kernel takes as none where cores go to a program, which 0 is not.
                "--core=1:1",
                "--data=" + memoryBytes + ":" + memoryBytes,
                "--nofile=" + descriptors + ":" + descriptors,
                "--fsize=" + fileBytes + ":" + fileBytes));
        tasks.ifPresent(most -> options.add("--nproc=" + most + ":" + most));
        return List.copyOf(options);
    }
}
