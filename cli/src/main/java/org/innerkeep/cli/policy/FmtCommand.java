package org.innerkeep.cli.policy;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.policy.format.Formatter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lays policies out. */
@Command(
        name = "fmt",
        mixinStandardHelpOptions = true,
        description = "Prints a policy in the one layout of policies. Nothing but space changes.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done; with --check: all have the layout", "1:with --check: one has another layout",
            "2:a file is no policy, or the command line is wrong"
        },
        footer = {"", "Examples:", "  innerkeep policy fmt - < policy.txt", "  innerkeep policy fmt --write policies/*.txt"})
final class FmtCommand extends Tool {
    static final class Mode {
        @Option(names = "--check", description = "Print nothing but the names of files that have another layout.")
        private boolean check;

        @Option(names = "--write", description = "Write the files that have another layout anew, and print their names.")
        private boolean write;
    }

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Policies; - is standard input.")
    private List<String> files;

    @ArgGroup
    private @Nullable Mode mode;

    @Override
    int run(PrintWriter out) throws UnusableException, IOException {
        if (mode == null && files.size() > 1) {
            throw wrong("several files are printed with --check or written with --write");
        }
        boolean write = mode != null && mode.write;
        if (write && files.contains("-")) {
            throw wrong("standard input cannot be written");
        }
        // All are read before any is written.
        Map<Input, byte[]> formatted = new LinkedHashMap<>();
        for (String file : files) {
            Input input = Input.policy(file);
            String text = Formatter.format(input.valid()).orElseThrow(
                    () -> new UnusableException(input.shown() + ": laid out, it would be longer than a policy may be"));
            formatted.put(input, text.getBytes(StandardCharsets.UTF_8));
        }
        boolean changed = false;
        for (Map.Entry<Input, byte[]> each : formatted.entrySet()) {
            if (mode == null) {
                out.print(new String(each.getValue(), StandardCharsets.UTF_8));
            } else if (!Arrays.equals(each.getKey().bytes(), each.getValue())) {
                changed = true;
                out.println(each.getKey().shown());
                if (write) {
                    Files.write(Path.of(each.getKey().name()), each.getValue());
                }
            }
        }
        return changed && !write ? NO : 0;
    }
}
