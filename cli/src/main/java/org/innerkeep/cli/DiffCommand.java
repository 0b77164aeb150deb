package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.innerkeep.bundle.BundleDiff;
import org.innerkeep.bundle.BundleException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Explains why two bundles have different digests. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        description = "Explains why two bundles differ, down to the classes inside changed jars.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the bundles have the same digest and signer", "1:they differ, or one is damaged", "2:the command line is wrong"},
        footer = {"", "Example: innerkeep diff agreed.enclave offered.enclave"})
final class DiffCommand implements Callable<Integer> {
    private static final long MAX_BUNDLE_BYTES = 1L << 30;

    @Parameters(index = "0", paramLabel = "FIRST", description = "A bundle's file.")
    private Path first;

    @Parameters(index = "1", paramLabel = "SECOND", description = "Another bundle's file.")
    private Path second;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, BundleException {
        List<String> lines = BundleDiff.explain(first, second, MAX_BUNDLE_BYTES);
        var out = spec.commandLine().getOut();
        if (lines.isEmpty()) {
            out.println("same digest and signer");
            return 0;
        }
        lines.forEach(out::println);
        return Main.FAILED;
    }
}
