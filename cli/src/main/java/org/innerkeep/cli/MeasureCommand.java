package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.keeper.LaunchConfiguration;
import org.innerkeep.keeper.Runtimes;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Computes what an enclave will measure to, without running it. */
@Command(
        name = "measure",
        mixinStandardHelpOptions = true,
        description = "Prints what a bundle measures to on the process platform with this machine's JDK build.",
        footer = {
            "",
            "Example: innerkeep measure hospitals.enclave",
            "",
            "Anybody with the same JDK build gets the same measurement; compare it with what the enclave proves."
        })
final class MeasureCommand implements Callable<Integer> {
    @Parameters(paramLabel = "BUNDLE", description = "The bundle's file.")
    private Path bundle;

    @Option(names = "--runtimes", paramLabel = "DIR", description = "Where linked runtimes are kept (${DEFAULT-VALUE}).")
    private Path runtimes = Path.of(System.getProperty("user.home"), ".innerkeep", "runtimes");

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Bundle inspected = NamedFile.inspect(bundle);
        var manifest = inspected.manifest();
        if (manifest.javaRelease() != Runtime.version().feature()) {
            throw new IOException("the bundle needs Java " + manifest.javaRelease() + ", this is Java "
                    + Runtime.version().feature());
        }
        Bytes bundleDigest = Bytes.of(inspected.digest().toArray());
        Bytes runtime = Runtimes.measure(new Runtimes(runtimes).obtain(manifest.javaModules()));
        Bytes launch = LaunchConfiguration.of(manifest).digest();
        Measurement measurement = KeeperReport.processMeasurement("process", bundleDigest, runtime, launch);
        var out = spec.commandLine().getOut();
        out.println("bundle      " + bundleDigest);
        out.println("signer      " + inspected.signer().id());
        out.println("product     " + manifest.productId());
        out.println("svn         " + manifest.svn());
        out.println("debug       " + manifest.debug());
        out.println("jdk         " + Runtime.version());
        out.println("runtime     " + runtime);
        out.println("launch      " + launch);
        out.println("measurement " + measurement);
        return 0;
    }
}
