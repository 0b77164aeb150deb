package org.innerkeep.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import org.innerkeep.cli.leakcheck.Needles;
import org.innerkeep.cli.leakcheck.Place;
import org.innerkeep.cli.leakcheck.Scan;
import org.innerkeep.cli.leakcheck.ScanReport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Searching bytes for the rows of a table of 569 rows of 30 numbers in every form, in MiB a second, against only reading the
 * bytes. The file lies in the page cache and is what memory looks like: a quarter zeros, a quarter numbers as text, half random.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(LeakScan.MEBIBYTES)
public class LeakScan {
    static final int MEBIBYTES = 64;

    private static final int ROWS = 569;
    private static final int COLUMNS = 30;
    private static final int MEBIBYTE = 1 << 20;

    private final Random random = new Random(569);
    private final Path folder = Opened.of(this::writeFile);
    private final Scan scan = new Scan(needles());
    private final List<Place> places = List.of(new Place.Tree("a file", folder, Set.of()));
    private final ByteBuffer buffer = ByteBuffer.wrap(new byte[MEBIBYTE]);

    private String row() {
        StringJoiner row = new StringJoiner(",");
        for (int i = 0; i < COLUMNS; i++) {
            row.add(String.format(Locale.ROOT, "%.4f", random.nextDouble() * 1000));
        }
        return row.toString();
    }

    private Path writeFile() throws IOException {
        Path made = Files.createTempDirectory("ikbench");
        try (var out = Files.newOutputStream(made.resolve("bytes"))) {
            byte[] zeros = new byte[MEBIBYTE];
            byte[] noise = new byte[MEBIBYTE];
            for (int i = 0; i < MEBIBYTES; i += 4) {
                out.write(zeros);
                StringBuilder text = new StringBuilder(MEBIBYTE + 400);
                while (text.length() < MEBIBYTE) {
                    text.append(row()).append('\n');
                }
                out.write(text.toString().getBytes(StandardCharsets.US_ASCII), 0, MEBIBYTE);
                random.nextBytes(noise);
                out.write(noise);
                random.nextBytes(noise);
                out.write(noise);
            }
        }
        return made;
    }

    private Needles needles() {
        Needles.Builder builder = Needles.builder();
        for (int i = 1; i <= ROWS; i++) {
            builder.row("bench", i, row());
        }
        return builder.build();
    }

    /** {@return the report of a scan that read all and found nothing} */
    @Benchmark
    public ScanReport scan() {
        ScanReport report = scan.of(places);
        if (report.bytesRead() != (long) MEBIBYTES * MEBIBYTE || report.totalFound() != 0) {
            throw new IllegalStateException("found another result than " + MEBIBYTES + " MiB read:\n" + report.render());
        }
        return report;
    }

    /** {@return how many bytes were read} */
    @Benchmark
    public long readOnly() throws IOException {
        try (FileChannel channel = FileChannel.open(folder.resolve("bytes"))) {
            long count = 0;
            for (int n = channel.read(buffer.clear()); n >= 0; n = channel.read(buffer.clear())) {
                count += n;
            }
            return count;
        }
    }

    /** Removes the file. */
    @TearDown
    public void delete() throws IOException {
        Stage.deleteTree(folder);
    }
}
