package org.innerkeep.cli.profile;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.cli.profile.MemoryByKind.Kind;

/**
 * Tells from a JVM's mappings, as the kernel lists them (proc_pid_smaps(5)), what its memory is used for. The JVM does not name its mappings,
 * so they are told by their shapes in HotSpot on Linux: class space is a reservation of 1 GiB, metaspace one of 64 MiB, both committed in
 * pieces of 64 KiB, a stack follows a guard, the code cache is executable. What has no known shape is {@link Kind#NATIVE}.
 */
final class Mappings {
    private static final Pattern HEADER =
            Pattern.compile("([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([rwxps-]{4}) [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ \\d+ *(.*)");
    private static final Pattern RESIDENT = Pattern.compile("Rss: +(\\d{1,15}) kB");

    private static final long CLASS_SPACE = 1L << 30;
    private static final long METASPACE = 64L << 20;
    private static final long PIECE = 64L << 10;
    private static final long ALIGNED = 16L << 20;

    /** An arena of malloc is a reservation of 64 MiB too, and has never more than two mappings: what is in use, and the rest. */
    private static final int LEAST_OF_METASPACE = 3;

    private static final long MOST_GUARD = 64L << 10;
    private static final long LEAST_STACK = 128L << 10;
    private static final long MOST_STACK = 16L << 20;

    private record Mapping(long begin, long end, String rights, String name, long resident) {
        long size() {
            return end - begin;
        }

        boolean anonymous() {
            return name.isEmpty() && rights.endsWith("p");
        }

        boolean reserved() {
            return rights.startsWith("---");
        }

        boolean executable() {
            return rights.charAt(2) == 'x';
        }
    }

    private final List<Mapping> all;
    private final long heapBytes;

    private Mappings(List<Mapping> all, long heapBytes) {
        this.all = all;
        this.heapBytes = heapBytes;
    }

    /**
     * Sorts a process's memory by its use.
     *
     * @param smaps the lines of {@code /proc/PID/smaps}
     * @param heapBytes the size of its Java heap, which the JVM may have rounded up
     * @return resident bytes by kind
     */
    static Map<Kind, Long> byKind(List<String> smaps, long heapBytes) {
        List<Mapping> all = new ArrayList<>();
        for (String line : smaps) {
            Matcher header = HEADER.matcher(line);
            Matcher resident = RESIDENT.matcher(line);
            if (header.matches()) {
                all.add(new Mapping(
                        Long.parseUnsignedLong(header.group(1), 16), Long.parseUnsignedLong(header.group(2), 16), header.group(3),
                        header.group(4), 0));
            } else if (resident.matches() && !all.isEmpty()) {
                Mapping last = all.removeLast();
                all.add(new Mapping(last.begin, last.end, last.rights, last.name, Long.parseLong(resident.group(1)) << 10));
            }
        }
        return new Mappings(all, heapBytes).byKind();
    }

    private Map<Kind, Long> byKind() {
        Map<Kind, Long> bytes = new EnumMap<>(Kind.class);
        for (int i = 0; i < all.size(); i++) {
            bytes.merge(kind(i), all.get(i).resident, Long::sum);
        }
        return bytes;
    }

    private Kind kind(int index) {
        Mapping mapping = all.get(index);
        if (isHeap(mapping)) {
            return Kind.HEAP;
        }
        if (mapping.name.startsWith("/")) {
            return Kind.FILES;
        }
        if (mapping.name.equals("[stack]")) {
            return Kind.STACKS;
        }
        if (!mapping.anonymous()) {
            return Kind.NATIVE;
        }
        if (mapping.executable()) {
            return Kind.CODE;
        }
        if (inReservation(mapping, CLASS_SPACE, 2) || inReservation(mapping, METASPACE, LEAST_OF_METASPACE)) {
            return Kind.CLASSES;
        }
        return isStack(index) ? Kind.STACKS : Kind.NATIVE;
    }

    /** A heap that the keeper gave has a name; any other is one mapping of its size, up to what a JVM rounds up. */
    private boolean isHeap(Mapping mapping) {
        return mapping.name.startsWith("/secretmem")
                || mapping.name.startsWith("/memfd:")
                || (mapping.anonymous() && mapping.size() >= heapBytes && mapping.size() <= heapBytes + heapBytes / 64 + (4 << 20)
                        && !mapping.reserved() && !mapping.executable());
    }

    /** Whether it lies in so many anonymous mappings that follow each other and are as long as this together, each of whole pieces. */
    private boolean inReservation(Mapping mapping, long size, int least) {
        List<Mapping> run = new ArrayList<>();
        for (Mapping each : all) {
            if (!each.anonymous() || each.executable() || (!run.isEmpty() && run.getLast().end != each.begin)) {
                if (holds(run, mapping, size, least)) {
                    return true;
                }
                run.clear();
            }
            if (each.anonymous() && !each.executable()) {
                run.add(each);
            }
        }
        return holds(run, mapping, size, least);
    }

    /** A reservation may touch others: every stretch of the size in the run is looked at that begins and ends at borders of mappings. */
    private static boolean holds(List<Mapping> run, Mapping mapping, long size, int least) {
        if (!run.contains(mapping)) {
            return false;
        }
        for (int first = 0; first < run.size() && run.get(first).begin <= mapping.begin; first++) {
            long begin = run.get(first).begin;
            if (begin % ALIGNED != 0) {
                continue;
            }
            boolean reserves = false;
            for (int i = first; i < run.size() && run.get(i).end <= begin + size && run.get(i).end % PIECE == 0; i++) {
                reserves |= run.get(i).reserved();
                if (run.get(i).end == begin + size && run.get(i).end >= mapping.end && i - first + 1 >= least) {
                    return reserves;
                }
            }
        }
        return false;
    }

    private boolean isStack(int index) {
        Mapping mapping = all.get(index);
        if (index == 0 || mapping.size() < LEAST_STACK || mapping.size() > MOST_STACK) {
            return false;
        }
        Mapping before = all.get(index - 1);
        return before.anonymous() && before.reserved() && before.size() <= MOST_GUARD && before.end == mapping.begin;
    }
}
