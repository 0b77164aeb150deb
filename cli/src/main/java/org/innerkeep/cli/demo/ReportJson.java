package org.innerkeep.cli.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.channel.job.Job;
import org.innerkeep.cli.demo.MainJob.Area;
import org.innerkeep.cli.leakcheck.ScanReport;
import org.innerkeep.cli.text.JsonText;
import org.jspecify.annotations.Nullable;

/** The demonstration's report for programs. The names of its fields are documented in the example's README and stay. */
final class ReportJson {
    private static final int VERSION = 1;

    private ReportJson() {}

    static String of(DemoReport report, Job job) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("innerkeep-demo", VERSION);
        json.put("verdict", report.allRight() ? "RIGHT" : "WRONG");
        json.put("wrong", report.wrong());
        json.put("isolation", report.separate() ? "separate-user" : "same-user");
        json.put("job", job(job));
        json.put("model", model(report));
        json.put("owners", owners(report));
        json.put("search", search(report));
        json.put("attacks", attacks(report));
        json.put("times", times(report));
        return JsonText.of(json);
    }

    private static Map<String, Object> job(Job job) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", job.name());
        json.put("sha256", job.digest().hex());
        json.put("columns", job.columns());
        json.put("label", job.label());
        return json;
    }

    private static Map<String, Object> model(DemoReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        report.results().values().stream().findFirst().ifPresent(any -> {
            json.put("sha256", any.model());
            json.put("pooled", area(any.pooled()));
        });
        json.put("plaintextSha256", report.plaintextModel());
        json.put("equalsPlaintext", report.equalsPlaintext());
        json.put("equalsUnattended", report.unattendedEqual());
        json.put("trainedOn", report.trainedOn());
        json.put("heldOut", report.heldOut());
        return json;
    }

    private static List<Object> owners(DemoReport report) {
        List<Object> json = new ArrayList<>();
        report.results().forEach((hospital, got) -> {
            Map<String, Object> owner = new LinkedHashMap<>();
            owner.put("name", hospital.name());
            owner.put("records", got.records());
            owner.put("model", got.model());
            owner.put("alone", area(got.alone()));
            owner.put("gain", area(got.gain()));
            json.add(owner);
        });
        return json;
    }

    private static Map<String, Object> area(Area area) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("value", area.auc());
        json.put("low", area.low());
        json.put("high", area.high());
        return json;
    }

    private static Map<String, Object> search(DemoReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("needles", report.needles());
        json.put("operator", scan(report.seen()));
        json.put("unprotected", scan(report.controlSeen()));
        return json;
    }

    private static Map<String, Object> scan(@Nullable ScanReport scan) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (scan != null) {
            json.put("found", scan.totalFound());
            json.put("bytesRead", scan.bytesRead());
            Map<String, Object> forms = new LinkedHashMap<>();
            scan.found().forEach((form, count) -> forms.put(form.name(), count));
            json.put("forms", forms);
            List<Object> places = new ArrayList<>();
            for (ScanReport.PlaceReport place : scan.places()) {
                Map<String, Object> each = new LinkedHashMap<>();
                each.put("name", place.name());
                each.put("bytesRead", place.bytesRead());
                each.put("found", place.totalFound());
                each.put("unreadParts", place.unreadParts());
                each.put("notes", place.notes());
                places.add(each);
            }
            json.put("places", places);
        }
        return json;
    }

    private static List<Object> attacks(DemoReport report) {
        List<Object> json = new ArrayList<>();
        for (Attacks.Outcome outcome : report.outcomes()) {
            Map<String, Object> attack = new LinkedHashMap<>();
            attack.put("name", outcome.name());
            attack.put("expected", outcome.wanted());
            attack.put("found", outcome.found());
            attack.put("failedAsItMust", outcome.failedAsItMust());
            json.add(attack);
        }
        return json;
    }

    private static Map<String, Object> times(DemoReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("jobSeconds", Steps.seconds(report.jobTook()));
        json.put("unprotectedSeconds", Steps.seconds(report.unprotectedTook()));
        List<Object> steps = new ArrayList<>();
        report.steps().forEach((name, took) -> {
            Map<String, Object> step = new LinkedHashMap<>();
            step.put("name", name);
            step.put("seconds", Steps.seconds(took));
            steps.add(step);
        });
        json.put("steps", steps);
        return json;
    }
}
