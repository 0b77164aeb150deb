package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Runs a workload twice with the same enclave, first with an ordinary heap, which is the control, then as the machine protects
 * it, and
 * searches each time for the secrets that the workload confides to it.
 */
public final class LeakCheck {
    private final LeakSetup setup;
    private final Needles needles;

    /**
     * Prepares a check.
     *
     * @param bundle the enclave
     * @param command the workload; it finds the enclave's address, {@code HOST:PORT}, in its environment as
     * {@code INNERKEEP_ADDRESS}, and
     *     the file with its keeper's public key as {@code INNERKEEP_ANCHOR}
     * @param needles the secrets that the workload confides to the enclave
     * @param hostOptions further options of {@code innerkeep run}
     * @param canaryFiles the files from which the secrets were read, which are not searched
     * @param root whether this process is root
     * @param temporaryFolders whether the machine's folders for temporary files are searched
     */
    public LeakCheck(
            Path bundle,
            List<String> command,
            Needles needles,
            List<String> hostOptions,
            Set<Path> canaryFiles,
            boolean root,
            boolean temporaryFolders) {
        this.setup = new LeakSetup(bundle, command, hostOptions, canaryFiles, root, temporaryFolders);
        this.needles = needles;
    }

    /**
     * Runs and searches.
     *
     * @return what was found
     * @throws IOException if keeper, host, enclave or workload fail, or the bundle demands a secret heap, for then there is no
     * control
     */
    public LeakReport run() throws IOException {
        ScanReport control;
        try (LeakRun run = LeakRun.start(setup, true)) {
            if (run.hasSecretHeap()) {
                throw new IOException("the control run has a secret heap all the same, so it cannot show what is found without one");
            }
            control = joined(run.work(needles));
        }
        try (LeakRun run = LeakRun.start(setup, false)) {
            boolean secret = run.hasSecretHeap();
            return new LeakReport(needles.owners(), setup.root(), secret, control, joined(run.work(needles)));
        }
    }

    private static ScanReport joined(List<ScanReport> reports) {
        List<ScanReport.PlaceReport> places = new ArrayList<>();
        java.time.Duration took = java.time.Duration.ZERO;
        for (ScanReport each : reports) {
            places.addAll(each.places());
            took = took.plus(each.took());
        }
        return new ScanReport(reports.getFirst().sought(), reports.getFirst().skipped(), places, took);
    }
}
