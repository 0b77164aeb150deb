package org.innerkeep.cli.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.innerkeep.cli.demo.Attacks.Outcome;
import org.innerkeep.cli.demo.MainJob.Area;
import org.innerkeep.cli.demo.MainJob.Got;
import org.innerkeep.cli.demo.World.HospitalSide;
import org.innerkeep.cli.leakcheck.Form;
import org.innerkeep.cli.leakcheck.ScanReport;
import org.jspecify.annotations.Nullable;

/** What came out, and whether all of it came out right. */
final class DemoReport {
    /** What the issue of leaks turns on; wide text forms come and go with how a JVM keeps its strings. */
    private static final Set<Form> MUST_FIND_IN_CONTROL = EnumSet.of(
            Form.TEXT_ROW, Form.TEXT_RUN, Form.FLOAT32, Form.FLOAT64, Form.KEY_RAW, Form.KEY_HEX, Form.KEY_BASE64);

    private final boolean separate;
    private final List<String> wrong = new ArrayList<>();
    private Map<HospitalSide, Got> results = Map.of();
    private Map<HospitalSide, String> unattended = Map.of();
    private int trainedOn;
    private int heldOut;
    private @Nullable Control control;
    private @Nullable ScanReport seen;
    private int needles;
    private @Nullable ScanReport controlSeen;
    private List<Outcome> outcomes = List.of();
    private @Nullable Steps steps;

    DemoReport(boolean separate) {
        this.separate = separate;
    }

    void results(MainJob job) {
        results = job.results();
        trainedOn = job.trainedOn();
        heldOut = job.heldOut();
    }

    /** The same job by the hospitals' vaults has the same digest, so it must have the same model. */
    void unattended(VaultRun run) {
        unattended = Map.copyOf(run.models());
        results.forEach((hospital, got) -> {
            if (!got.model().equals(unattended.get(hospital))) {
                wrong.add("the model of the run with nobody there differs for " + hospital.name());
            }
        });
    }

    void operatorsView(ScanReport report, int sought) {
        seen = report;
        needles = sought;
        if (report.totalFound() != 0) {
            wrong.add("the operator found " + report.totalFound() + " pieces of records or keys");
        }
        // Folders for temporary files may hold what belongs to strangers; the operator's own must be read whole.
        int own = OperatorsView.OWN_PLACES + (unattended.isEmpty() ? 0 : 1);
        for (ScanReport.PlaceReport place : report.places().subList(0, own)) {
            if (place.bytesRead() == 0 || place.unreadParts() > 0) {
                wrong.add("the search could not read all of: " + place.name());
            }
        }
    }

    void control(Control unprotected) {
        control = unprotected;
        if (results.values().stream().anyMatch(got -> !got.model().equals(unprotected.model()))) {
            wrong.add("the model's bytes differ from plaintext training");
        }
    }

    void controlScan(ScanReport report) {
        controlSeen = report;
        EnumSet<Form> missed = EnumSet.noneOf(Form.class);
        for (Form form : MUST_FIND_IN_CONTROL) {
            if (report.sought().containsKey(form) && report.found().getOrDefault(form, 0L) == 0) {
                missed.add(form);
            }
        }
        if (!missed.isEmpty()) {
            wrong.add("the control search missed " + missed + ", so finding nothing proves nothing");
        }
    }

    void attacks(List<Outcome> all) {
        outcomes = all;
        for (Outcome outcome : all) {
            if (!outcome.failedAsItMust()) {
                wrong.add("attack '" + outcome.name() + "' ended in " + outcome.found() + ", wanted " + outcome.wanted());
            }
        }
    }

    void times(Steps all) {
        steps = all;
    }

    boolean allRight() {
        return wrong.isEmpty();
    }

    boolean separate() {
        return separate;
    }

    List<String> wrong() {
        return List.copyOf(wrong);
    }

    Map<HospitalSide, Got> results() {
        return results;
    }

    int trainedOn() {
        return trainedOn;
    }

    int heldOut() {
        return heldOut;
    }

    /** SHA-256 of the model of plaintext training. */
    String plaintextModel() {
        return control == null ? "" : control.model();
    }

    boolean equalsPlaintext() {
        return !results.isEmpty() && results.values().stream().allMatch(got -> got.model().equals(plaintextModel()));
    }

    int needles() {
        return needles;
    }

    @Nullable
    ScanReport seen() {
        return seen;
    }

    @Nullable
    ScanReport controlSeen() {
        return controlSeen;
    }

    List<Outcome> outcomes() {
        return outcomes;
    }

    Map<String, Duration> steps() {
        return steps == null ? Map.of() : steps.all();
    }

    Duration jobTook() {
        return MainJob.STEPS.stream().map(this::took).reduce(Duration.ZERO, Duration::plus);
    }

    Duration unprotectedTook() {
        return took(Control.STEP);
    }

    private Duration took(String step) {
        return steps == null ? Duration.ZERO : steps.took(step);
    }

    void print(PrintWriter out) {
        printResult(out);
        if (!unattended.isEmpty()) {
            printUnattended(out);
        }
        printTimes(out);
        printSearch(out);
        printAttacks(out);
        out.println();
        if (wrong.isEmpty()) {
            out.println("RIGHT: result, search and attacks all came out as they must"
                    + (separate ? "." : "; isolation: same-user, accepted by name, so the operator's user could read the enclave."));
        } else {
            wrong.forEach(each -> out.println("WRONG: " + each));
        }
        out.flush();
    }

    private void printResult(PrintWriter out) {
        out.println();
        out.println("Result: area under the ROC curve on " + heldOut + " held-out patients of all hospitals (95 % interval)");
        Area pooled = null;
        for (var entry : results.entrySet()) {
            Got got = entry.getValue();
            pooled = got.pooled();
            out.printf(Locale.ROOT, "  %-12s alone, %3d records   %s%n", entry.getKey().name(), got.records(), text(got.alone()));
        }
        if (pooled != null) {
            out.printf(Locale.ROOT, "  %-12s        %3d records   %s%n", "all together",
                    results.values().stream().mapToInt(Got::records).sum(), text(pooled));
        }
        if (control != null) {
            out.println("  the model's bytes " + (equalsPlaintext() ? "equal" : "DIFFER FROM") + " those of plaintext training: sha-256 "
                    + control.model().substring(0, 16) + "…");
        }
    }

    private void printUnattended(PrintWriter out) {
        out.println();
        out.println("With nobody there: " + unattended.size()
                + " vaults, one of each hospital, gave the keys for the same job; the enclave was");
        out.println("  started twice and did it twice; the models' bytes "
                + (unattendedEqual() ? "equal" : "DIFFER FROM") + " those of the run with everybody there");
    }

    private static Map<HospitalSide, String> modelsOf(Map<HospitalSide, Got> results) {
        return results.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().model()));
    }

    /** Whether the run by the hospitals' vaults made the same model for each. */
    boolean unattendedEqual() {
        return !unattended.isEmpty() && unattended.equals(modelsOf(results));
    }

    private static String text(Area area) {
        return String.format(Locale.ROOT, "%.3f (%.3f to %.3f)", area.auc(), area.low(), area.high());
    }

    private void printTimes(PrintWriter out) {
        if (steps == null) {
            return;
        }
        out.println();
        out.printf(
                Locale.ROOT,
                "Time: %.1f s from the first connection to the last verified result, %.1f s in one unprotected JVM: %.1f times%n",
                Steps.seconds(jobTook()),
                Steps.seconds(unprotectedTook()),
                Steps.seconds(jobTook()) / Steps.seconds(unprotectedTook()));
    }

    private void printSearch(PrintWriter out) {
        out.println();
        out.println("The operator's view: a search for " + needles + " pieces of records and keys");
        if (seen != null) {
            print(out, "found at the operator", seen);
        }
        if (controlSeen != null) {
            print(out, "found in the unprotected pipeline", controlSeen);
        }
    }

    private static void print(PrintWriter out, String title, ScanReport report) {
        out.printf(Locale.ROOT, "  %-34s %8d in %s", title, report.totalFound(), size(report.bytesRead()));
        if (report.totalFound() > 0) {
            out.print("  " + report.found());
        }
        out.println();
        for (ScanReport.PlaceReport place : report.places()) {
            out.printf(
                    Locale.ROOT,
                    "    %-50s %9s  found %d%s%n",
                    place.name(),
                    place.bytesRead() == 0 && place.notes().size() == 1
                            ? place.notes().getFirst()
                            : size(place.bytesRead()),
                    place.found().values().stream().mapToLong(Long::longValue).sum(),
                    place.unread().isEmpty() ? "" : ", " + place.unread().size() + " parts unreadable");
        }
    }

    private static String size(long bytes) {
        return bytes < 1 << 20 ? ((bytes + 512) >> 10) + " kB" : (bytes >> 20) + " MB";
    }

    private void printAttacks(PrintWriter out) {
        long failed = outcomes.stream().filter(Outcome::failedAsItMust).count();
        out.println();
        out.println("Attacks: " + failed + " of " + outcomes.size() + " failed for the reason they must");
        for (Outcome outcome : outcomes) {
            out.printf("  %-66s %s%n", outcome.name(), outcome.found());
        }
    }
}
