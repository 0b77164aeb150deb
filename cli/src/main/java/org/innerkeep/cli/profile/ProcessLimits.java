package org.innerkeep.cli.profile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel gives the process of an enclave; empty where it sets no limit.
 *
 * @param dataBytes memory that is private and can be written (RLIMIT_DATA)
 * @param dataUsed the most of it that was seen in use
 * @param lockedBytes memory that may be locked (RLIMIT_MEMLOCK), which a secret heap counts as
 * @param secretHeap whether the kernel showed a secret heap
 * @param cgroupBytes memory that its cgroup has, or one above
 */
record ProcessLimits(
        OptionalLong dataBytes, long dataUsed, OptionalLong lockedBytes, boolean secretHeap, OptionalLong cgroupBytes) {
    static final ProcessLimits NONE =
            new ProcessLimits(OptionalLong.empty(), 0, OptionalLong.empty(), false, OptionalLong.empty());

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Pattern DATA_USED = Pattern.compile("(?m)^VmData:\\s+(\\d{1,15}) kB");
    private static final Pattern CGROUP = Pattern.compile("(?m)^0::(/.*)$");

    /** Reads them of a process that runs. */
    static ProcessLimits of(long pid, List<String> smaps) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        String limits = Files.readString(process.resolve("limits"), StandardCharsets.US_ASCII);
        Matcher used = DATA_USED.matcher(Files.readString(process.resolve("status")));
        return new ProcessLimits(
                soft(limits, "Max data size"),
                used.find() ? Long.parseLong(used.group(1)) << 10 : 0,
                soft(limits, "Max locked memory"),
                smaps.stream().anyMatch(line -> line.contains(" /secretmem")),
                cgroup(Files.readString(process.resolve("cgroup"))));
    }

    private static OptionalLong soft(String limits, String name) {
        Matcher found = Pattern.compile("(?m)^" + name + " +(\\d{1,18}|unlimited) ").matcher(limits);
        return found.find() && !found.group(1).equals("unlimited")
                ? OptionalLong.of(Long.parseLong(found.group(1)))
                : OptionalLong.empty();
    }

    /** The least of the cgroup's limit and of those above it. */
    private static OptionalLong cgroup(String membership) throws IOException {
        Matcher own = CGROUP.matcher(membership);
        OptionalLong least = OptionalLong.empty();
        if (!own.find()) {
            return least;
        }
        @Nullable Path each = CGROUPS.resolve(own.group(1).substring(1)).normalize();
        for (; each != null && each.startsWith(CGROUPS); each = each.getParent()) {
            Path limit = each.resolve("memory.max");
            if (Files.isReadable(limit)) {
                String text = Files.readString(limit).strip();
                if (text.matches("\\d{1,18}") && (least.isEmpty() || Long.parseLong(text) < least.getAsLong())) {
                    least = OptionalLong.of(Long.parseLong(text));
                }
            }
        }
        return least;
    }

    /** {@return these limits, with the larger use} */
    ProcessLimits most(ProcessLimits earlier) {
        return new ProcessLimits(
                dataBytes, Math.max(dataUsed, earlier.dataUsed), lockedBytes, secretHeap || earlier.secretHeap, cgroupBytes);
    }
}
