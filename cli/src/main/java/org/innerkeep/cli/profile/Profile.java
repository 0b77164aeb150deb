package org.innerkeep.cli.profile;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.channel.profile.EnclaveFigures;
import org.innerkeep.channel.profile.InsideFigures;
import org.innerkeep.cli.files.NamedFile;
import org.innerkeep.cli.tcb.HostOnlyCode;
import org.innerkeep.cli.tcb.Tcb;
import org.innerkeep.cli.text.JsonText;

/** Measures a workload and says what to change ({@code innerkeep profile}). */
public final class Profile {
    private final ProfileSetup setup;
    private final long maxBundleBytes;

    /**
     * Prepares a profile.
     *
     * @param bundle the enclave
     * @param command the workload
     * @param ownHost whether the workload starts the enclave itself
     * @param hostOptions further options of {@code innerkeep run}, where it does not
     * @param keeperFolder the keeper's folder, with the Java runtimes that it has linked, for further runs; empty for one that goes with this
     * @param maxBundleBytes the most bytes that the bundle's files may have
     */
    public Profile(
            Path bundle,
            List<String> command,
            boolean ownHost,
            List<String> hostOptions,
            Optional<Path> keeperFolder,
            long maxBundleBytes) {
        this.setup = new ProfileSetup(bundle, command, ownHost, hostOptions, keeperFolder.map(Path::toAbsolutePath));
        this.maxBundleBytes = maxBundleBytes;
    }

    /**
     * Runs the workload and prints the report.
     *
     * @param json whether a program reads it
     * @param out where to
     * @param progress is told what happens, one line each
     * @throws BundleException if the bundle is refused
     * @throws IOException if keeper, host, enclave or workload fail
     */
    public void run(boolean json, PrintWriter out, Consumer<String> progress) throws IOException, BundleException {
        Manifest manifest = NamedFile.inspect(setup.bundle()).manifest();
        progress.accept("reading the code of the bundle");
        HostOnlyCode.Found code = Tcb.hostOnly(setup.bundle(), maxBundleBytes);
        EnclaveFigures figures;
        MemoryByKind memory;
        ProcessLimits limits;
        try (ProfileRun run = ProfileRun.start(setup, manifest.heapBytes(), progress)) {
            figures = run.work();
            memory = run.memory();
            limits = run.limits();
        }
        ProfileReport report = new ProfileReport(new ProfileFigures(
                figures.inside().isPresent(),
                Duration.ofNanos(figures.nanos()),
                Costs.of(figures),
                figures.relayed(),
                manifest.heapBytes(),
                figures.inside().map(InsideFigures::heap),
                memory,
                limits,
                code.code(),
                code.reachedBytes()));
        out.print(json ? JsonText.of(report.json()) : report.render());
        out.flush();
    }
}
