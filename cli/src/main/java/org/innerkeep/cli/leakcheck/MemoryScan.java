package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.MalformedException;

/**
 * Searches the memory of another process through {@code /proc/PID/mem} (proc_pid_mem(5)): all mappings that the process
 * itself may read, whether private, anonymous or of a file. Used once, by one thread.
 */
final class MemoryScan {
    private static final long PAGE = 4096;

    private final Limits limits;
    private final Matcher.Search search;
    private final Names names;
    private final Findings findings;
    private final List<Span> gaps = new ArrayList<>();

    /** Where the table of mappings comes from; it is read again after the scan. */
    @FunctionalInterface
    interface Mappings {
        List<ProcFiles.Region> read() throws IOException, MalformedException;
    }

    /** Addresses from {@code start} to before {@code end}, and why they were not read. */
    private record Span(long start, long end, String why) {
        long size() {
            return end - start;
        }
    }

    MemoryScan(Limits limits, Matcher.Search search, Names names, Findings findings) {
        this.limits = limits;
        this.search = search;
        this.names = names;
        this.findings = findings;
    }

    /** Reads through the file {@code mem} of the process. */
    void run(Path mem, Mappings mappings) {
        // Opened before the table is read: the file stays with this memory, even if the number of the process is given anew.
        try (FileChannel memory = FileChannel.open(mem, StandardOpenOption.READ)) {
            run(FileScan.channelBytes(memory), mem.toString(), mappings);
        } catch (IOException e) {
            unreadable(mem.toString(), e);
        }
    }

    /** Reads in any other way. */
    void run(Positioned memory, String where, Mappings mappings) {
        try {
            List<ProcFiles.Region> regions = mappings.read();
            List<ProcFiles.Region> readable = regions.stream().filter(MemoryScan::searched).toList();
            if (readable.isEmpty()) {
                findings.unread(where, "the process has no memory: it has ended, or is a thread of the kernel");
                return;
            }
            for (Span run : runs(readable)) {
                search(memory, run, readable);
            }
            explainGaps(mappings);
            noteUnsearched(regions);
        } catch (IOException e) {
            unreadable(where, e);
        } catch (MalformedException e) {
            findings.unread(where, FileScan.why(e));
        }
    }

    private void unreadable(String where, IOException e) {
        findings.unread(where, FileScan.why(e)
                + "; wanted: a running process of the same user that this one may trace (ptrace_scope), or root");
    }

    private static boolean searched(ProcFiles.Region region) {
        // Addresses from 2⁶³ on are the kernel's.
        return region.readable() && !region.kernelWindow() && region.end() > 0;
    }

    /** Neighbouring mappings as one span, so that what lies across their border is found. */
    private static List<Span> runs(List<ProcFiles.Region> regions) {
        List<Span> runs = new ArrayList<>();
        for (ProcFiles.Region region : regions) {
            if (!runs.isEmpty() && runs.getLast().end == region.start()) {
                runs.add(new Span(runs.removeLast().start, region.end(), ""));
            } else {
                runs.add(new Span(region.start(), region.end(), ""));
            }
        }
        return runs;
    }

    private void search(Positioned memory, Span run, List<ProcFiles.Region> regions) {
        long at = run.start;
        while (at < run.end) {
            long left = limits.bytesPerPlace() - findings.bytesRead();
            if (left <= 0) {
                gap(at, run.end, "a limit ended the scan after " + findings.bytesRead() + " bytes");
                return;
            }
            long base = at;
            FileScan.Range range = new FileScan.Range(memory, at, Math.min(run.end, at + left));
            long read = search.run(range, (needle, offset) ->
                    findings.found(needle, () -> mapping(regions, base + offset), base + offset));
            findings.read(read);
            at += read;
            if (range.failure().isPresent()) {
                // Only this page is known to be unreadable; the next may be fine.
                long next = Math.min(run.end, (at | (PAGE - 1)) + 1);
                gap(at, next, FileScan.why(range.failure().get()));
                at = next;
            } else if (read < left && at < run.end) {
                gap(at, run.end, "the process ended during the scan");
                return;
            }
        }
    }

    private void gap(long start, long end, String why) {
        Optional<Span> before = gaps.isEmpty() ? Optional.empty() : Optional.of(gaps.getLast());
        if (before.isPresent() && before.get().end == start && before.get().why.equals(why)) {
            gaps.removeLast();
            gaps.add(new Span(before.get().start, end, why));
        } else {
            gaps.add(new Span(start, end, why));
        }
    }

    /** A running program gives memory back at any time; what is no longer mapped is no gap in what could be read. */
    private void explainGaps(Mappings mappings) throws MalformedException {
        if (gaps.isEmpty()) {
            return;
        }
        List<ProcFiles.Region> now;
        try {
            now = mappings.read();
        } catch (IOException _) {
            now = List.of();
        }
        long gone = 0;
        for (Span gap : gaps) {
            List<ProcFiles.Region> there = now.stream()
                    .filter(region -> searched(region) && region.start() < gap.end && gap.start < region.end())
                    .toList();
            for (ProcFiles.Region region : there) {
                Span part = new Span(Math.max(gap.start, region.start()), Math.min(gap.end, region.end()), gap.why);
                if (region.secret()) {
                    findings.closed(part.size());
                } else {
                    unread(part);
                }
            }
            if (now.isEmpty()) {
                // No mappings at all: the process ended, and nobody knows what the rest of it held.
                unread(gap);
            } else if (there.isEmpty()) {
                gone += gap.size();
            }
        }
        if (gone > 0) {
            findings.note(ScanReport.size(gone) + " given back by the process during the scan");
        }
    }

    private void unread(Span span) {
        findings.unread("addresses 0x" + Long.toHexString(span.start) + " to 0x" + Long.toHexString(span.end), span.why);
    }

    private void noteUnsearched(List<ProcFiles.Region> regions) {
        List<ProcFiles.Region> closed = regions.stream().filter(region -> !region.readable()).toList();
        if (!closed.isEmpty()) {
            long size = closed.stream().mapToLong(region -> region.end() - region.start()).sum();
            findings.note(closed.size() + " mappings that the process itself may not read, "
                    + ScanReport.size(size) + " of addresses, not searched");
        }
    }

    private String mapping(List<ProcFiles.Region> regions, long address) {
        return regions.stream().filter(region -> region.start() <= address && address < region.end()).findFirst()
                .map(ProcFiles.Region::name).filter(name -> !name.isEmpty()).map(names::shown).orElse("anonymous memory");
    }
}
