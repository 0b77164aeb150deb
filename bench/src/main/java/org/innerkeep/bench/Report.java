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
import java.util.stream.Collectors;

/** The table for people and the file for programs. */
final class Report {
    /** Something measured: lines of the table, and an object of the file. */
    interface Row {
        /** {@return a line, then one for each peer with ours divided by it} */
        String table();

        /** {@return the same as a JSON object} */
        String json();
    }

    private final String machine = machine();
    private final double loadBefore = load();
    private final boolean quick;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    Report(boolean quick) {
        this.quick = quick;
    }

    void add(Row row) {
        rows.add(row);
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
        rows.forEach(row -> table.append(row.table()));
        skipped.forEach(what -> table.append("SKIPPED: ").append(what).append('\n'));
        return table.toString();
    }

    /** Writes everything as JSON. */
    void write(Path file) throws IOException {
        String results = rows.stream().map(row -> "    " + row.json()).collect(Collectors.joining(",\n"));
        Files.writeString(
                file,
                "{\n  \"date\": " + text(LocalDate.now(ZoneOffset.UTC).toString()) + ",\n  \"machine\": " + text(machine)
                        + ",\n  \"conditions\": " + text(conditions()) + ",\n  \"results\": [\n" + results
                        + "\n  ],\n  \"skipped\": ["
                        + String.join(", ", skipped.stream().map(Report::text).toList()) + "]\n}\n");
    }

    static String number(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "null";
    }

    static String text(String value) {
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
