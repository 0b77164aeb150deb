package org.innerkeep.cli.demo;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.channel.job.Job;
import org.innerkeep.cli.leakcheck.ScanReport;
import org.jspecify.annotations.Nullable;

/** Plays the whole demonstration and tells the truth about it in its last line. */
public final class Demo {
    private final Study study;
    private final PrintWriter out;
    private final @Nullable PrintWriter json;
    private final Optional<KeepFolder> keep;

    private Demo(Study study, PrintWriter out, @Nullable PrintWriter json, Optional<KeepFolder> keep) {
        this.study = study;
        this.out = out;
        this.json = json;
        this.keep = keep;
    }

    /**
     * Runs it.
     *
     * @param study job and records
     * @param out where it tells what happens, for people
     * @param json where it writes the report for programs, once everything is over; null for none
     * @param keep where it leaves everything that came to be
     * @return whether result, scan and attacks all came out right
     * @throws Exception if a step that must work does not
     */
    public static boolean run(Study study, PrintWriter out, @Nullable PrintWriter json, Optional<KeepFolder> keep)
            throws Exception {
        return new Demo(study, out, json, keep).run();
    }

    private boolean run() throws Exception {
        out.println(study.title());
        out.println();
        try (Stage stage = Stage.build(Path.of(System.getProperty("java.io.tmpdir")))) {
            if (!stage.separate()) {
                out.println("  Started by one ordinary user: reports say 'isolation: same-user', which default trust refuses;");
                out.println("  the hospitals here accept it by name. Start it as root to give every party a user of its own.");
                out.println();
            }
            return play(stage);
        }
    }

    private boolean play(Stage stage) throws Exception {
        Set<Path> before = OperatorsView.temporaryFiles(stage.root());
        Steps steps = new Steps(out);
        World world = World.build(stage, study, steps);
        Job job = world.job();
        Path agreedJob = Files.write(stage.root().resolve("agreed/job.json"), job.bytes().toArray());
        Path record = stage.put(world.operator(), "relayed.bytes", new byte[0]);

        DemoReport report = new DemoReport(stage.separate());
        OperatorsView view = OperatorsView.of(world, before);
        try (MainJob main = MainJob.start(world, agreedJob, record)) {
            main.run(steps);
            report.results(main);
            if (world.vaults().served()) {
                playUnattended(world, job, agreedJob, main, view, report, record, steps);
            } else {
                report.operatorsView(search(world, main, OptionalLong.empty(), view, record, steps), view.needles());
            }
            try (Control control = Control.start(world, agreedJob, steps)) {
                report.control(control);
                report.controlScan(steps.timed(
                        "the same search of the unprotected pipeline, as a control",
                        () -> view.ofUnprotected(control.storage(), control.pid())));
            }
            out.println();
            out.println("The operator attacks; each line must end in a refusal:");
            report.attacks(new Attacks(world, agreedJob, main).all(steps));
        }
        report.times(steps);
        tell(report, job, world);
        return report.allRight();
    }

    /** The same job by the hospitals' vaults; the operator searches while both of its hosts are there. */
    private static void playUnattended(
            World world, Job job, Path agreedJob, MainJob main, OperatorsView view, DemoReport report, Path record, Steps steps)
            throws Exception {
        steps.timed("each hospital checks the job and grants its key to the agreed code, for this job alone", () -> {
            world.vaults().grant(job, agreedJob);
            return true;
        });
        try (VaultRun unattended = VaultRun.play(world, agreedJob, record, steps)) {
            report.unattended(unattended);
            report.operatorsView(
                    search(world, main, OptionalLong.of(unattended.operatorPid()), view, record, steps), view.needles());
            unattended.again(steps);
        }
    }

    private static ScanReport search(
            World world, MainJob main, OptionalLong hostWithVaults, OperatorsView view, Path record, Steps steps)
            throws Exception {
        return steps.timed(
                "the operator searches storage, relayed bytes, temporary files, swap, memory",
                () -> view.ofOperator(world, main.operatorPid(), hostWithVaults, record));
    }

    private void tell(DemoReport report, Job job, World world) throws Exception {
        String forPrograms = ReportJson.of(report, job);
        if (keep.isPresent()) {
            StringWriter forPeople = new StringWriter();
            report.print(new PrintWriter(forPeople));
            keep.get().fill(world, report, forPeople.toString(), forPrograms);
            out.println();
            out.println("Kept in " + keep.get().folder() + ": begin with README.txt there.");
        }
        report.print(out);
        if (json != null) {
            json.print(forPrograms);
            json.flush();
        }
    }
}
