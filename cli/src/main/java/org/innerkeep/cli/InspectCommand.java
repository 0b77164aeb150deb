package org.innerkeep.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.cli.files.NamedFile;
import org.innerkeep.cli.tcb.Tcb;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what is in a bundle, after checking all of it. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Checks a bundle's signature and every file's digest, then prints its manifest.",
        footer = {
            "",
            "Examples:",
            "  innerkeep inspect hospitals.enclave",
            "  innerkeep inspect hospitals.enclave --sbom > sbom.cdx.json",
            "  innerkeep inspect hospitals.enclave --tcb",
            "",
            "--tcb reads the class files, and loads and runs none of them. What is found by name alone, by reflection or as a service, it",
            "cannot see; it says which code does that."
        })
final class InspectCommand implements Callable<Integer> {
    private static final long MAX_BUNDLE_BYTES = 1L << 30;

    @Parameters(paramLabel = "BUNDLE", description = "The bundle's file.")
    private Path bundle;

    @Option(names = "--sbom", description = "Print the bill of materials (CycloneDX, JSON) in place of the manifest.")
    private boolean sbom;

    @Option(
            names = "--tcb",
            description = "Print what has to be trusted: the code inside, what of it can be reached, where input enters and data may leave.")
    private boolean tcb;

    @Option(names = "--json", description = "With --tcb: for programs, with every place.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, BundleException {
        if ((sbom && tcb) || (json && !tcb)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), sbom && tcb ? "--sbom and --tcb print different things: choose one" : "--json belongs to --tcb");
        }
        if (tcb) {
            Tcb.print(bundle, json, MAX_BUNDLE_BYTES, spec.commandLine().getOut());
            return 0;
        }
        if (sbom) {
            return printSbom();
        }
        Bundle inspected = NamedFile.inspect(bundle);
        var out = spec.commandLine().getOut();
        out.println("digest " + inspected.digest());
        out.println("signer " + inspected.signer().id());
        out.println();
        out.print(new String(inspected.manifest().toBytes(), StandardCharsets.UTF_8));
        out.flush();
        return 0;
    }

    private int printSbom() throws IOException {
        Optional<byte[]> found = NamedFile.sbom(bundle);
        if (found.isEmpty()) {
            throw new IOException(bundle + ": it carries no bill of materials; the Maven plugin and 'innerkeep pack --sbom' put one in");
        }
        // A stranger's text: what could drive a terminal is shown as JSON would write it.
        StringBuilder text = new StringBuilder();
        new String(found.get(), StandardCharsets.UTF_8).codePoints().forEach(c -> {
            if (Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t') {
                text.append(String.format("\\u%04x", c));
            } else {
                text.appendCodePoint(c);
            }
        });
        var out = spec.commandLine().getOut();
        out.println(text.toString().strip());
        out.flush();
        return 0;
    }
}
