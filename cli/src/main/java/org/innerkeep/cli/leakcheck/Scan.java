package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.Machine;
import org.innerkeep.evidence.MalformedException;

/**
 * Looks for needles in places and reports what it found, what it read and what it could not read. One pass over the bytes of
 * each place, in the calling thread. What a scan cannot see is listed in the {@linkplain org.innerkeep.cli.leakcheck package}.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class Scan {
    private static final int MAX_TABLE_BYTES = 64 << 20;

    private final Needles needles;
    private final Limits limits;
    private final Matcher matcher;
    private final Path proc;

    /**
     * Prepares a scan within {@link Limits#DEFAULT}.
     *
     * @param needles what to look for
     */
    public Scan(Needles needles) {
        this(needles, Limits.DEFAULT);
    }

    /**
     * Prepares a scan.
     *
     * @param needles what to look for
     * @param limits how much of one place is read at most
     */
    public Scan(Needles needles, Limits limits) {
        this(needles, limits, Path.of("/proc"));
    }

    /** As the other constructors, with the kernel's tables elsewhere. */
    Scan(Needles needles, Limits limits, Path proc) {
        this.needles = needles;
        this.limits = limits;
        this.matcher = new Matcher(needles.patterns());
        this.proc = proc;
    }

    /**
     * Scans places, one after another. What cannot be read is in the report and never an exception; a thread that is interrupted
     * reports all the rest as unread and stays interrupted.
     *
     * @param places where to look
     * @return the result
     */
    public ScanReport of(Collection<? extends Place> places) {
        long begin = System.nanoTime();
        Matcher.Search search = matcher.search();
        List<ScanReport.PlaceReport> reports = new ArrayList<>();
        for (Place place : places) {
            Findings findings = new Findings(place, needles);
            Names names = new Names(matcher);
            switch (place) {
                case Place.Tree tree -> new TreeScan(tree, limits, search, names, findings).run();
                case Place.Memory memory -> memory(memory, new MemoryScan(limits, search, names, findings), findings);
                case Place.Descriptors descriptors -> Machine.current().ifPresentOrElse(
                        machine -> new DescriptorScan(new Kernel(machine), limits, search, names, findings)
                                .run(descriptors.pid(), proc.resolve(Long.toString(descriptors.pid()))),
                        () -> unknownMachine(findings));
                case Place.MappedFiles files -> new MappedFilesScan(limits, search, names, findings)
                        .run(proc.resolve(Long.toString(files.pid())));
                case Place.Swap _ -> swap(search, names, findings);
            }
            reports.add(findings.report());
        }
        return new ScanReport(needles.counts(), needles.skipped(), reports, Duration.ofNanos(System.nanoTime() - begin));
    }

    private void memory(Place.Memory place, MemoryScan scan, Findings findings) {
        Path process = proc.resolve(Long.toString(place.pid()));
        MemoryScan.Mappings mappings = () -> ProcFiles.regions(table(process.resolve("maps")));
        switch (place.way()) {
            case FILE -> scan.run(process.resolve("mem"), mappings);
            case CALL -> {
                Optional<Machine> machine = Machine.current();
                if (machine.isEmpty()) {
                    unknownMachine(findings);
                    return;
                }
                try (CopiedMemory memory = new CopiedMemory(new Kernel(machine.get()), place.pid())) {
                    scan.run(memory, "memory of process " + place.pid(), mappings);
                }
            }
        }
    }

    private static void unknownMachine(Findings findings) {
        findings.unread("system calls", "not Linux on a processor whose calls are known here; wanted: x86-64 or AArch64");
    }

    private void swap(Matcher.Search search, Names names, Findings findings) {
        Path table = proc.resolve("swaps");
        try {
            List<String> paths = ProcFiles.swaps(table(table));
            if (paths.isEmpty()) {
                findings.note("no swap configured");
            }
            for (String path : paths) {
                String where = names.shown(path);
                try {
                    new FileScan(search, findings).run(Path.of(path), where, limits.bytesPerPlace() - findings.bytesRead());
                } catch (InvalidPathException _) {
                    findings.unread(where, "not a path that this system can open");
                }
            }
        } catch (IOException | MalformedException e) {
            findings.unread(table.toString(), FileScan.why(e));
        }
    }

    private static String table(Path path) throws IOException {
        try (var in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_TABLE_BYTES + 1);
            if (bytes.length > MAX_TABLE_BYTES) {
                throw new IOException("more than " + ScanReport.size(MAX_TABLE_BYTES));
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
