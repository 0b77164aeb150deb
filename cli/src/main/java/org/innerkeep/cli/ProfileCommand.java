package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.cli.profile.Profile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures what a workload's calls and memory cost, and advises on the split. */
@Command(
        name = "profile",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a workload with an enclave and measures it: calls between host, enclave and clients, their bytes and times, and",
            "the enclave's memory against the limits of platforms. Then says what of the split between inside and outside to change.",
            "Times inside, clients' calls and what the heap holds are told by debug builds only (debug = true)."
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep profile study.enclave -- ./send-study",
            "  innerkeep profile pricing.enclave --own-host -- java -cp 'lib/*' com.example.PricingHost",
            "",
            "The workload finds the enclave at $INNERKEEP_ADDRESS and its keeper's public key in the file $INNERKEEP_ANCHOR. With",
            "--own-host it is the host: it starts the bundle $INNERKEEP_BUNDLE at the keeper's socket $INNERKEEP_KEEPER. It must",
            "end with exit code 0."
        })
final class ProfileCommand implements Callable<Integer> {
    private static final long MAX_BUNDLE_BYTES = 1L << 30;

    @Parameters(index = "0", paramLabel = "BUNDLE", description = "The bundle's file.")
    private Path bundle;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "The workload and its arguments, after --.")
    private List<String> command = List.of();

    @Option(names = "--own-host", description = "The workload starts the enclave itself; else 'innerkeep run' does.")
    private boolean ownHost;

    @Option(
            names = "--run-option",
            paramLabel = "OPTION",
            description = "A further option of 'innerkeep run' for the host, such as --run-option=--files=sealed. Repeatable.")
    private List<String> hostOptions = List.of();

    @Option(
            names = "--keeper-folder",
            paramLabel = "DIR",
            description = "Where the keeper of the runs keeps the Java runtimes that it links, so that the next run starts sooner; else"
                    + " nothing is kept.")
    private Optional<Path> keeperFolder = Optional.empty();

    @Option(names = "--json", description = "Prints the report as JSON.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, BundleException {
        if (ownHost && !hostOptions.isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--run-option is for 'innerkeep run', which --own-host does not use: leave one out");
        }
        var err = spec.commandLine().getErr();
        new Profile(bundle, command, ownHost, hostOptions, keeperFolder, MAX_BUNDLE_BYTES).run(json, spec.commandLine().getOut(), what -> {
            err.println("innerkeep: " + what);
            err.flush();
        });
        return 0;
    }
}
