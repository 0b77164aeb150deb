package org.innerkeep.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.innerkeep.cli.leakcheck.LeakCheck;
import org.innerkeep.cli.leakcheck.LeakReport;
import org.innerkeep.cli.leakcheck.Needles;
import org.innerkeep.cli.text.JsonText;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Searches the machine for the secrets that a workload confides to an enclave. */
@Command(
        name = "leakcheck",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a workload with an enclave and searches what the machine's operator sees for its secrets: the memory of the",
            "enclave, the keeper and the host, descriptors, files, logs, the network, swap, temporary files. It runs twice: the",
            "first run has an ordinary heap, and the search must find every secret in it."
        },
        footer = {
            "",
            "Example: sudo innerkeep leakcheck study.enclave --rows clinic=patients.csv --key clinic=file.key -- ./send-study",
            "",
            "The workload finds the enclave at $INNERKEEP_ADDRESS and its keeper's public key in the file $INNERKEEP_ANCHOR. It",
            "must confide the given secrets to the enclave, and end with exit code 0 while the enclave still holds them."
        })
final class LeakcheckCommand implements Callable<Integer> {
    private static final int MAX_ROWS = 200_000;
    private static final int MAX_LINE = 1 << 20;
    private static final int MAX_TEXT_KEY = 4096;

    @Parameters(index = "0", paramLabel = "BUNDLE", description = "The bundle's file.")
    private Path bundle;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "The workload and its arguments, after --.")
    private List<String> command = List.of();

    @Option(
            names = "--rows",
            paramLabel = "NAME=FILE",
            description = "A table of comma-separated values whose rows must not be seen; its first line is a heading. Repeatable.")
    private Map<String, Path> rows = Map.of();

    @Option(
            names = "--key",
            paramLabel = "NAME=FILE",
            description = "A key that must not be seen, 16 to 1024 bytes; sought raw, in hexadecimal and in base64. Repeatable.")
    private Map<String, Path> keys = Map.of();

    @Option(
            names = "--key-text",
            paramLabel = "NAME=FILE",
            description = "A key in a text of its own, such as an age identity, one line. Repeatable.")
    private Map<String, Path> texts = Map.of();

    @Option(
            names = "--run-option",
            paramLabel = "OPTION",
            description = "A further option of 'innerkeep run' for the host, such as --run-option=--files=sealed. Repeatable.")
    private List<String> hostOptions = List.of();

    @Option(
            names = "--no-temporary-folders",
            description = "Leaves out the machine's folders for temporary files, which may be large.")
    private boolean noTemporaryFolders;

    @Option(names = "--json", description = "Prints the report as JSON.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Needles needles = needles();
        if (needles.size() == 0) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "nothing to look for: give --rows, --key or --key-text with what the workload confides");
        }
        Set<Path> files = new HashSet<>(rows.values());
        files.addAll(keys.values());
        files.addAll(texts.values());
        boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        LeakReport report =
                new LeakCheck(bundle, command, needles, hostOptions, files, root, !noTemporaryFolders).run();
        spec.commandLine().getOut().print(json ? JsonText.of(report.json()) : report.render());
        spec.commandLine().getOut().flush();
        return report.verdict() == LeakReport.Verdict.NOTHING_FOUND ? 0 : Main.FAILED;
    }

    private Needles needles() throws IOException {
        Needles.Builder needles = Needles.builder();
        try {
            for (Map.Entry<String, Path> each : rows.entrySet()) {
                addRows(needles, each.getKey(), each.getValue());
            }
            for (Map.Entry<String, Path> each : keys.entrySet()) {
                needles.key(each.getKey(), read(each.getValue(), Needles.MAX_KEY_BYTES));
            }
            for (Map.Entry<String, Path> each : texts.entrySet()) {
                String text = new String(read(each.getValue(), MAX_TEXT_KEY), StandardCharsets.US_ASCII);
                needles.keyText(each.getKey(), text.lines().filter(line -> !line.startsWith("#")).findFirst().orElse("").strip());
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        return needles.build();
    }

    private static void addRows(Needles.Builder needles, String name, Path file) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            List<String> all = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (all.size() > MAX_ROWS || line.length() > MAX_LINE) {
                    throw new IOException(file + ": more than " + MAX_ROWS + " rows, or a row of more than " + MAX_LINE
                            + " characters: take part of the table");
                }
                all.add(line);
            }
            for (int i = 1; i < all.size(); i++) {
                needles.row(name, i, all.get(i));
            }
        }
    }

    private static byte[] read(Path file, int most) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException(file + ": more than " + most + " bytes");
            }
            return bytes;
        }
    }
}
