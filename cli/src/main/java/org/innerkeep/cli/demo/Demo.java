package org.innerkeep.cli.demo;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.innerkeep.cli.leakcheck.ScanReport;

/** Plays the whole demonstration and tells the truth about it in its last line. */
public final class Demo {
    private Demo() {}

    /**
     * Runs it.
     *
     * @param out where it tells what happens
     * @return whether result, scan and attacks all came out right
     * @throws Exception if a step that must work does not
     */
    public static boolean run(PrintWriter out) throws Exception {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        Map<String, byte[]> tables = Patients.split();
        out.println("Three hospitals train one model; none shows its records to the others or to the operator.");
        out.println();
        try (Stage stage = Stage.build(temporary)) {
            Set<Path> before = OperatorsView.temporaryFiles(stage.root());
            if (!stage.separate()) {
                out.println("  Started by one ordinary user: reports say 'isolation: same-user', which default trust refuses;");
                out.println("  the hospitals here accept it by name. Start it as root to give every party a user of its own.");
                out.println();
            }
            Steps steps = new Steps(out);
            World world = World.build(stage, tables, steps);
            Path agreedJob = stage.root().resolve("agreed/job.json");
            Files.write(agreedJob, world.job().bytes().toArray());
            Path record = stage.put(world.operator(), "relayed.bytes", new byte[0]);

            DemoReport report = new DemoReport(stage.separate());
            OperatorsView view = OperatorsView.of(world, tables, before);
            try (MainJob main = MainJob.start(world, agreedJob, record)) {
                main.run(steps);
                report.results(main.results(), main.heldOut());
                ScanReport seen = steps.timed(
                        "the operator searches storage, relayed bytes, temporary files, swap, memory",
                        () -> view.ofOperator(world, main.operatorPid(), record));
                report.operatorsView(seen, view.needles());
                try (Control control = Control.start(world, tables, agreedJob, steps)) {
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
            report.print(out);
            return report.allRight();
        }
    }
}
