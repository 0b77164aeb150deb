package org.innerkeep.cli.leakcheck;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The result of a leak check, for people and for programs.
 *
 * @param owners whose secrets were sought
 * @param root whether root searched; what others may not read is in the report as not read
 * @param secretHeap whether the enclave's heap was in secret memory
 * @param control what was found in the run with an ordinary heap
 * @param run what was found in the run as the machine protects it
 */
public record LeakReport(Set<String> owners, boolean root, boolean secretHeap, ScanReport control, ScanReport run) {
    private static final int VERSION = 1;

    /** What a check comes to. */
    public enum Verdict {
        /** The control holds every secret, everything was read, and nothing was found. */
        NOTHING_FOUND,
        /** Secrets were found. */
        FOUND,
        /** The control did not show every secret, or something was not read: that nothing was found proves nothing. */
        NOT_PROVEN
    }

    /** Copies the set. */
    public LeakReport {
        owners = Set.copyOf(owners);
    }

    /** {@return what it comes to} */
    public Verdict verdict() {
        if (run.totalFound() > 0) {
            return Verdict.FOUND;
        }
        return unproven().isEmpty() ? Verdict.NOTHING_FOUND : Verdict.NOT_PROVEN;
    }

    /** {@return why nothing would be proven if nothing were found, in words} Empty if it would be. */
    public List<String> unproven() {
        List<String> why = new ArrayList<>();
        Set<String> missing = new TreeSet<>(owners);
        missing.removeAll(control.owners());
        if (!missing.isEmpty()) {
            why.add("the control run shows nothing of " + String.join(", ", missing)
                    + ": the workload does not confide it to the enclave, or in a form that is not sought");
        }
        if (run.unreadParts() > 0) {
            why.add(run.unreadParts() + " parts were not read" + (root ? "" : "; root reads more"));
        }
        return why;
    }

    /** {@return the report for people} */
    public String render() {
        StringBuilder text = new StringBuilder();
        text.append("secrets of: ").append(String.join(", ", new TreeSet<>(owners))).append('\n');
        text.append("searched by: ").append(root ? "root" : "an ordinary user, who may read less than root").append('\n');
        text.append("heap of the enclave: ")
                .append(secretHeap ? "secret memory" : "ordinary memory, which root reads; 'innerkeep platforms' says why")
                .append("\n\n");
        text.append("control run, with an ordinary heap: the search must find every secret\n").append(indented(control));
        text.append("\nrun, as this machine protects the enclave: the search must find nothing\n").append(indented(run));
        text.append('\n').append(sentence()).append('\n');
        return text.toString();
    }

    private String sentence() {
        return switch (verdict()) {
            case NOTHING_FOUND -> "Nothing found. The same search found every secret in the control run.";
            case FOUND -> "FOUND: secrets lie where the operator reads them, " + run.totalFound() + " times, of "
                    + String.join(", ", run.owners()) + ".";
            case NOT_PROVEN -> "Nothing found, and nothing proven: " + String.join("; ", unproven()) + ".";
        };
    }

    private static String indented(ScanReport report) {
        return report.render().lines().map(line -> "  " + line + "\n").reduce("", String::concat);
    }

    /** {@return the report for programs: maps, lists, text, numbers and truth values} The names stay as they are. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("innerkeep-leakcheck", VERSION);
        json.put("verdict", verdict().name());
        json.put("unproven", unproven());
        json.put("secretsOf", new TreeSet<>(owners));
        json.put("root", root);
        json.put("secretHeap", secretHeap);
        json.put("control", scan(control));
        json.put("run", scan(run));
        return json;
    }

    private static Map<String, Object> scan(ScanReport scan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("found", scan.totalFound());
        json.put("bytesRead", scan.bytesRead());
        json.put("closedBytes", scan.closedBytes());
        json.put("unreadParts", scan.unreadParts());
        json.put("sought", counts(scan.sought()));
        json.put("notSought", counts(scan.skipped()));
        json.put("places", scan.places().stream().map(LeakReport::place).toList());
        return json;
    }

    private static Map<String, Object> place(ScanReport.PlaceReport place) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", place.name());
        json.put("bytesRead", place.bytesRead());
        json.put("closedBytes", place.closedBytes());
        json.put("found", counts(place.found()));
        json.put("secretsOf", place.owners());
        json.put("first", place.first().stream().map(ScanReport.Finding::toString).toList());
        json.put("unreadParts", place.unreadParts());
        json.put("unread", place.unread().stream().map(ScanReport.Unread::toString).toList());
        json.put("notes", place.notes());
        return json;
    }

    private static Map<String, Object> counts(Map<Form, ? extends Number> counts) {
        Map<String, Object> json = new LinkedHashMap<>();
        counts.forEach((form, count) -> json.put(form.name(), count));
        return json;
    }
}
