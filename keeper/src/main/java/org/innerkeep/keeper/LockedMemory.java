package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory an enclave's process may lock, which secret memory counts as: the limit {@code RLIMIT_MEMLOCK}, beyond which only a
 * process with {@code CAP_IPC_LOCK} gets (getrlimit(2), capabilities(7)). Ordinary users mostly have 8 MiB.
 *
 * @param hardLimitBytes the most that the limit may be set to
 * @param capabilities what the keeper may do
 * @param root whether the keeper is root
 */
record LockedMemory(long hardLimitBytes, Capabilities capabilities, boolean root) {
    private static final Pattern LIMIT = Pattern.compile("(?m)^Max locked memory +(\\S+) +(\\S+) +bytes");

    /** A JVM rounds the size of its heap up. */
    private static final long SLACK_BYTES = 4L << 20;

    /** How a process gets its share: by its limit, or by a capability where the limit cannot be raised. */
    enum Way {
        LIMIT,
        CAPABILITY
    }

    static LockedMemory own() throws IOException {
        Matcher limit = LIMIT.matcher(Files.readString(Path.of("/proc/self/limits"), StandardCharsets.US_ASCII));
        if (!limit.find()) {
            throw new IOException("/proc/self/limits does not say how much memory may be locked");
        }
        String hard = limit.group(2);
        return new LockedMemory(
                hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard),
                Capabilities.own(),
                (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0);
    }

    /** The limit that a process with such a heap needs, in bytes. */
    static long needed(long heapBytes) {
        return heapBytes + SLACK_BYTES;
    }

    /** How a process with such a heap can have it locked; empty if it cannot. */
    Optional<Way> forHeap(long heapBytes) {
        if (needed(heapBytes) <= hardLimitBytes || capabilities.has(Capabilities.SYS_RESOURCE)) {
            return Optional.of(Way.LIMIT);
        }
        return root && capabilities.has(Capabilities.IPC_LOCK) ? Optional.of(Way.CAPABILITY) : Optional.empty();
    }
}
