package org.innerkeep.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table for people and the file for programs. */
final class Report {
    private final String machine = machine();
    private final double loadBefore = load();
    private final boolean quick;
    private final List<Comparison> comparisons = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    Report(boolean quick) {
        this.quick = quick;
    }

    void add(Comparison comparison) {
        comparisons.add(comparison);
    }

    void skip(String what) {
        skipped.add(what);
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static String machine() {
        String model = "unknown processor";
        boolean virtual = false;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                if (line.startsWith("model name")) {
                    model = line.substring(line.indexOf(':') + 1).strip();
                }
                virtual |= line.startsWith("flags") && line.contains(" hypervisor");
            }
        } catch (IOException e) {
            // Without /proc the processor stays unknown.
        }
        return Runtime.getRuntime().availableProcessors() + " processors of " + (virtual ? "a virtual machine, " : "")
                + model + ", Java " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                + System.getProperty("os.version");
    }

    private String conditions() {
        return String.format(
                Locale.ROOT, "%s run, load average %.1f before and %.1f after", quick ? "quick" : "full", loadBefore, load());
    }

    /** {@return for each measurement a line, then one for each peer with ours divided by it} */
    String table() {
        StringBuilder table = new StringBuilder();
        table.append(LocalDate.now(ZoneOffset.UTC)).append(", ").append(machine).append('\n').append(conditions()).append("\n\n");
        for (Comparison comparison : comparisons) {
            table.append(String.format("%-66s %22s%n", comparison.name(), comparison.ours()));
            comparison.peers().forEach((peer, figure) -> table.append(String.format(
                    "    %-62s %22s %8s%n", peer, figure, Figure.number(comparison.ratio(figure)) + "×")));
        }
        skipped.forEach(what -> table.append("SKIPPED: ").append(what).append('\n'));
        return table.toString();
    }

    /** Writes everything as JSON. */
    void write(Path file) throws IOException {
        List<String> rows = new ArrayList<>();
        for (Comparison comparison : comparisons) {
            List<String> peers = new ArrayList<>();
            comparison.peers().forEach((peer, figure) -> peers.add("{\"name\": " + text(peer) + ", " + figure(figure)
                    + ", \"ratio\": " + number(comparison.ratio(figure)) + "}"));
            rows.add("    {\"name\": " + text(comparison.name()) + ", " + figure(comparison.ours())
                    + ",\n     \"peers\": [" + String.join(",\n       ", peers) + "]}");
        }
        Files.writeString(
                file,
                "{\n  \"date\": " + text(LocalDate.now(ZoneOffset.UTC).toString()) + ",\n  \"machine\": " + text(machine)
                        + ",\n  \"conditions\": " + text(conditions()) + ",\n  \"results\": [\n" + String.join(",\n", rows)
                        + "\n  ],\n  \"skipped\": ["
                        + String.join(", ", skipped.stream().map(Report::text).toList()) + "]\n}\n");
    }

    private static String figure(Figure figure) {
        return "\"value\": " + number(figure.value()) + ", \"error\": " + number(figure.error()) + ", \"unit\": "
                + text(figure.unit());
    }

    private static String number(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "null";
    }

    private static String text(String value) {
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
