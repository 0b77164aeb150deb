package org.innerkeep.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.innerkeep.bundle.Bundle;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows what is in a bundle, after checking all of it. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Checks a bundle's signature and every file's digest, then prints its manifest.",
        footer = {"", "Example: innerkeep inspect hospitals.enclave"})
final class InspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "BUNDLE", description = "The bundle's file.")
    private Path bundle;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Bundle inspected = NamedFile.inspect(bundle);
        var out = spec.commandLine().getOut();
        out.println("digest " + inspected.digest());
        out.println("signer " + inspected.signer().id());
        out.println();
        out.print(new String(inspected.manifest().toBytes(), StandardCharsets.UTF_8));
        out.flush();
        return 0;
    }
}
