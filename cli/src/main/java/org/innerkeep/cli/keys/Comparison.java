package org.innerkeep.cli.keys;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleDiff;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.cli.files.Measured;
import org.innerkeep.cli.files.Rebuilt;
import org.innerkeep.evidence.Measurement;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Two versions of an enclave, and what an owner has to see before one takes the place of the other. */
final class Comparison {
    private static final int FAILED = 1;
    private static final int PREREQUISITE = 3;
    private static final long MAX_BUNDLE_BYTES = 1L << 30;

    @Option(names = "--from-source", paramLabel = "DIR",
            description = "Build this Maven project from a copy of its sources first: NEW must be what comes out. It runs the project's"
                    + " own build, with your rights.")
    private @Nullable Path source;

    @Option(names = "--module", paramLabel = "DIR",
            description = "With --from-source: the module whose bundle it is, if several make one.")
    private Optional<Path> module = Optional.empty();

    @Option(names = "--old-measurement", paramLabel = "sha-256:HEX",
            description = "What OLD measured to where it ran, if not what it measures to here.")
    private @Nullable String oldMeasurement;

    @Option(names = "--measurement", paramLabel = "sha-256:HEX",
            description = "What NEW measures to where it runs, if not what it measures to here: with another JDK build, or on another"
                    + " platform than 'process'.")
    private @Nullable String newMeasurement;

    @Option(names = "--allow-signer", paramLabel = "HEX",
            description = "Accept that somebody else signed NEW: this signer, as 'innerkeep inspect' prints it.")
    private @Nullable String signer;

    @Option(names = "--allow-downgrade", description = "Accept that NEW has a lower security version than OLD.")
    private boolean downgrade;

    @Option(names = "--allow-debug", description = "Accept that NEW can be debugged. For development.")
    private boolean debug;

    @Option(names = "--runtimes", paramLabel = "DIR", description = "Where linked runtimes are kept (${DEFAULT-VALUE}).")
    private Path runtimes = Path.of(System.getProperty("user.home"), ".innerkeep", "runtimes");

    private int exitCode = FAILED;

    Comparison() {}

    /**
     * What is compared.
     *
     * @param before the old one
     * @param oldFile its file
     * @param after the new one
     * @param newFile its file
     */
    record Files(Bundle before, Path oldFile, Bundle after, Path newFile) {
        private boolean same() {
            return before.digest().equals(after.digest()) && before.signer().id().equals(after.signer().id());
        }
    }

    /**
     * What was compared.
     *
     * @param from the old one
     * @param to the new one
     */
    record Versions(Version from, Version to) {}

    /** Why nothing came of it. */
    int exitCode() {
        return exitCode;
    }

    /**
     * Shows what changed, all of it, and then everything that does not let one take the place of the other.
     *
     * @return the versions, where nothing speaks against it
     */
    Optional<Versions> show(CommandLine command, Files files) throws IOException, BundleException {
        PrintWriter out = command.getOut();
        PrintWriter err = command.getErr();
        if (files.same()) {
            err.println("innerkeep: " + files.oldFile() + " and " + files.newFile() + " are the same bundle: there is nothing to change");
            return Optional.empty();
        }
        Version from = Version.of(files.before(), measurement(command, "--old-measurement", oldMeasurement));
        Version to = Version.of(files.after(), measurement(command, "--measurement", newMeasurement));
        out.println("old        " + from);
        out.println("new        " + to);
        for (String each : BundleDiff.explain(files.oldFile(), files.newFile(), MAX_BUNDLE_BYTES)) {
            out.println("  " + each);
        }
        from = measured(out, "old", files.before(), from);
        to = measured(out, "new", files.after(), to);
        out.flush();
        List<String> against = against(from, to);
        if (against.isEmpty() && source != null) {
            built(command, source, files, against);
        }
        against.forEach(each -> err.println("innerkeep: " + each));
        if (!against.isEmpty()) {
            err.println("innerkeep: nothing was changed");
            return Optional.empty();
        }
        return Optional.of(new Versions(from, to));
    }

    private static Optional<String> measurement(CommandLine command, String option, @Nullable String text) {
        try {
            return Optional.ofNullable(text).map(each -> Measurement.parse(each).toString());
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(command, option + ": " + e.getMessage(), e);
        }
    }

    /** With what it measures to here, unless the owner said what it measures to there. */
    private Version measured(PrintWriter out, String which, Bundle bundle, Version version) throws IOException {
        if (bundle.manifest().javaRelease() != Runtime.version().feature()) {
            out.println("measures   " + which + ": not known here, it needs Java " + bundle.manifest().javaRelease()
                    + " and this is Java " + Runtime.version().feature());
            return version;
        }
        String here = Measured.here(bundle.manifest(), runtimes).measurement().toString();
        String said = version.measurement().orElse(here);
        out.println("measures   " + which + ": " + here + " on 'process' with this JDK, " + Runtime.version()
                + (said.equals(here) ? "" : "; where it runs, you say, " + said));
        return new Version(version.signer(), version.product(), version.svn(), version.debug(), Optional.of(said));
    }

    private List<String> against(Version from, Version to) {
        List<String> all = new ArrayList<>();
        if (from.product() != to.product()) {
            all.add("product: the new bundle is another product, " + to.product() + " and not " + from.product()
                    + ", so it is no update; grant it by itself with 'innerkeep keys grant'");
        }
        if (!from.signer().equals(to.signer()) && !to.signer().equals(signer)) {
            all.add("signer: somebody else signed the new bundle, " + to.signer() + "; ask the developer by another way whose key this"
                    + " is, and name it with --allow-signer");
        }
        if (to.svn() < from.svn() && !downgrade) {
            all.add("version: the new bundle has the lower security version " + to.svn() + ", after " + from.svn()
                    + ": a signer raises it when older ones must no longer be trusted; --allow-downgrade goes back all the same");
        }
        if (to.debug() && !debug) {
            all.add("debug: whoever runs the new bundle can read all that is in it; --allow-debug takes that, for development");
        }
        return all;
    }

    private void built(CommandLine command, Path project, Files files, List<String> against) throws IOException, BundleException {
        PrintWriter err = command.getErr();
        Optional<Path> maven = Rebuilt.maven();
        if (maven.isEmpty()) {
            exitCode = PREREQUISITE;
            against.add("Maven was not found on the PATH: apt-get install maven");
            return;
        }
        err.println("innerkeep: building " + project + " runs the project's own build code, with your rights");
        Optional<String> name = Optional.of(files.after().manifest().name());
        try (Rebuilt rebuilt = Rebuilt.of(maven.get(), project.toAbsolutePath().normalize(), module, name, line -> {
            err.println("  " + line);
            err.flush();
        })) {
            List<String> differences = rebuilt.differences(files.after(), files.newFile());
            if (differences.isEmpty()) {
                command.getOut().println("sources    " + project + " builds to the new bundle, byte for byte");
            } else {
                against.add("sources: " + project + " builds to something else; from the new bundle to that:\n  "
                        + String.join("\n  ", differences));
            }
        }
    }
}
