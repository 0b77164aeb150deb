package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.cli.files.Measured;
import org.innerkeep.cli.files.NamedFile;
import org.innerkeep.cli.files.Rebuilt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Computes what an enclave will measure to, without running it. */
@Command(
        name = "measure",
        mixinStandardHelpOptions = true,
        description = "Prints what a bundle measures to on the process platform with this machine's JDK build.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:measured; where there is a published bundle, it is what the sources build to",
            "1:failed, or the sources build to another bundle",
            "2:the command line is wrong",
            "3:Maven must be installed first"
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep measure hospitals.enclave",
            "  innerkeep measure --from-source ./fraud --bundle fraud.enclave",
            "",
            "Anybody with the same JDK build gets the same measurement; compare it with what the enclave proves.",
            "--from-source runs the project's own build, with your rights: read it first, or run it where it can do no harm."
        })
final class MeasureCommand implements Callable<Integer> {
    static final class What {
        @Parameters(paramLabel = "BUNDLE", description = "The bundle's file.")
        private @Nullable Path bundle;

        @Option(
                names = "--from-source",
                paramLabel = "DIR",
                description = "Build this Maven project from a copy of its sources and measure what comes out.")
        private @Nullable Path source;
    }

    @ArgGroup(multiplicity = "1")
    private What what;

    @Option(
            names = "--bundle",
            paramLabel = "PUBLISHED",
            description = "With --from-source: the published bundle, to compare with.")
    private Optional<Path> published = Optional.empty();

    @Option(
            names = "--module",
            paramLabel = "DIR",
            description = "With --from-source: the module whose bundle it is, a path in the project, if several make one.")
    private Optional<Path> module = Optional.empty();

    @Option(names = "--runtimes", paramLabel = "DIR", description = "Where linked runtimes are kept (${DEFAULT-VALUE}).")
    private Path runtimes = Path.of(System.getProperty("user.home"), ".innerkeep", "runtimes");

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, BundleException {
        Path source = what.source;
        Path bundle = what.bundle;
        if (source != null) {
            return fromSource(source.toAbsolutePath().normalize());
        }
        if (bundle == null || published.isPresent() || module.isPresent()) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--bundle and --module go with --from-source");
        }
        Bundle inspected = NamedFile.inspect(bundle);
        print(inspected.manifest(), Optional.of(inspected.signer()));
        return 0;
    }

    private int fromSource(Path project) throws IOException, BundleException {
        var err = spec.commandLine().getErr();
        // Before anything of it runs: a published bundle that is none needs no build.
        Optional<Bundle> expected = published.isPresent() ? Optional.of(NamedFile.inspect(published.get())) : Optional.empty();
        Optional<Path> maven = Rebuilt.maven();
        if (maven.isEmpty()) {
            err.println("innerkeep: Maven was not found on the PATH: apt-get install maven");
            return Main.PREREQUISITE;
        }
        err.println("innerkeep: building " + project + " runs the project's own build code, with your rights");
        Optional<String> name = expected.map(bundle -> bundle.manifest().name());
        try (Rebuilt rebuilt = Rebuilt.of(maven.get(), project, module, name, line -> {
            err.println("  " + line);
            err.flush();
        })) {
            print(rebuilt.manifest(), Optional.empty());
            return expected.isEmpty() ? 0 : compare(rebuilt, expected.get(), published.get());
        }
    }

    private int compare(Rebuilt rebuilt, Bundle expected, Path file) throws IOException, BundleException {
        var out = spec.commandLine().getOut();
        List<String> differences = rebuilt.differences(expected, file);
        if (differences.isEmpty()) {
            out.println("EQUAL: " + file + " is what these sources build to; signed by " + expected.signer().id());
            return 0;
        }
        out.println("DIFFERENT: " + file + " has digest " + expected.digest() + ". From the published to the built one:");
        differences.forEach(line -> out.println("  " + line));
        return Main.FAILED;
    }

    private void print(Manifest manifest, Optional<SignerKey> signer) throws IOException {
        Measured measured = Measured.here(manifest, runtimes);
        var out = spec.commandLine().getOut();
        out.println("bundle      " + measured.bundle());
        signer.ifPresent(key -> out.println("signer      " + key.id()));
        out.println("product     " + manifest.productId());
        out.println("svn         " + manifest.svn());
        out.println("debug       " + manifest.debug());
        out.println("jdk         " + Runtime.version());
        out.println("runtime     " + measured.runtime());
        out.println("launch      " + measured.launch());
        out.println("measurement " + measured.measurement());
    }
}
