package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    /** A JVM rounds the size of its heap up, to what one page of its table of cards stands for at least: 512 bytes for each byte. */
    private static final long ROUNDING_PAGES = 1024;

    private static final long USUAL_PAGE_BYTES = 4096;
    private static final long AT_PAGESZ = 6;

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
        return heapBytes + roundingBytes();
    }

    /** {@return by how much a JVM may round the size of its heap up, in bytes: 4 MiB where pages have 4 KiB, 64 MiB with 64 KiB} */
    static long roundingBytes() {
        return ROUNDING_PAGES * pageBytes();
    }

    /** As the kernel tells every process (getauxval(3)): pairs of words, a kind and a value. */
    private static long pageBytes() {
        try {
            ByteBuffer words = ByteBuffer.wrap(Files.readAllBytes(Path.of("/proc/self/auxv"))).order(ByteOrder.nativeOrder());
            while (words.remaining() >= 2 * Long.BYTES) {
                long kind = words.getLong();
                long value = words.getLong();
                if (kind == AT_PAGESZ) {
                    return value;
                }
            }
        } catch (IOException e) {
            // Then as almost everywhere; if that is wrong, the JVM gets no heap and says so.
        }
        return USUAL_PAGE_BYTES;
    }

    /** How a process with such a heap can have it locked; empty if it cannot. */
    Optional<Way> forHeap(long heapBytes) {
        if (needed(heapBytes) <= hardLimitBytes || capabilities.has(Capabilities.SYS_RESOURCE)) {
            return Optional.of(Way.LIMIT);
        }
        return root && capabilities.has(Capabilities.IPC_LOCK) ? Optional.of(Way.CAPABILITY) : Optional.empty();
    }
}
