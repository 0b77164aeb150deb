package org.innerkeep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.cli.demo.Demo;
import org.innerkeep.cli.demo.KeepFolder;
import org.innerkeep.cli.demo.Study;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the demonstration, after checking that the machine has what it needs. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Three hospitals train one model inside an attested enclave, each party a process of its own. Then the operator looks"
                    + " for what it must not see and tries what must fail.",
            "Takes a minute or two. Started by root, every party is a user of its own.",
            "With --job and --data: the same with other owners' records, 2 to 16 owners. FILE is a job template, which is a job"
                    + " file without code and keys:",
            "  {\"innerkeep-job-template\": 1, \"name\": \"two-centres\", \"columns\": [\"age\", \"nodes\"],",
            "   \"label\": \"event\", \"parameters\": {\"rounds\": 60, \"maxDepth\": 3, \"learningRate\": 0.05,",
            "   \"heldOut\": 0.5}, \"minimumRecords\": 100, \"owners\": [\"north\", \"south\"]}",
            "DIR has north.csv and south.csv: a header of exactly the columns and the label, then decimal numbers (empty where"
                    + " missing) and a label of 0 or 1."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:result, scan and attacks all came out right",
            "1:one did not, and the last line says which; or job or data cannot be used",
            "2:the command line is wrong, or the folder of --keep is not empty",
            "3:something must be installed first"
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep demo",
            "  innerkeep demo --job examples/hospitals/two-centres.json --data prepared --keep kept --json > report.json"
        })
final class DemoCommand implements Callable<Integer> {
    private static final List<Path> LIBRARY_FOLDERS = List.of(
            Path.of("/lib/x86_64-linux-gnu"),
            Path.of("/usr/lib/x86_64-linux-gnu"),
            Path.of("/lib/aarch64-linux-gnu"),
            Path.of("/usr/lib/aarch64-linux-gnu"),
            Path.of("/usr/lib64"),
            Path.of("/usr/lib"));

    static final class Given {
        @Option(names = "--job", required = true, paramLabel = "FILE", description = "A job template.")
        private Path job;

        @Option(names = "--data", required = true, paramLabel = "DIR", description = "The folder with each owner's OWNER.csv.")
        private Path data;
    }

    @ArgGroup(exclusive = false)
    private @Nullable Given given;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "Leave everything that came to be in this folder, with an index: bundle, job, sealed files, relayed bytes,"
                    + " results, statement, report, and every party's keys. It must not exist, or be empty.")
    private @Nullable Path keep;

    @Option(
            names = "--json",
            description = "Write the report for programs to standard output, and nothing else; progress goes to standard error.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Study study = given == null ? Study.shipped() : Study.read(given.job, given.data);
        Optional<KeepFolder> kept = keep == null ? Optional.empty() : Optional.of(claim(keep));
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            missing.forEach(each -> spec.commandLine().getErr().println("innerkeep: " + each));
            return Main.PREREQUISITE;
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        return Demo.run(study, json ? err : out, json ? out : null, kept) ? 0 : Main.FAILED;
    }

    private KeepFolder claim(Path folder) throws IOException {
        try {
            return KeepFolder.claim(folder);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--keep: " + e.getMessage());
        }
    }

    private static List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (LIBRARY_FOLDERS.stream().noneMatch(folder -> Files.exists(folder.resolve("libgomp.so.1")))) {
            missing.add("libgomp.so.1, which XGBoost needs, was not found: apt-get install libgomp1");
        }
        for (String program : List.of("/usr/bin/setpriv", "/usr/bin/prlimit")) {
            if (!Files.isExecutable(Path.of(program))) {
                missing.add(program + ", which starts enclaves, was not found: apt-get install util-linux");
            }
        }
        return missing;
    }
}
