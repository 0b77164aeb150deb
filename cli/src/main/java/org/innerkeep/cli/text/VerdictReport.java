package org.innerkeep.cli.text;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verdict;

/** A verdict for people, as a table, and for programs, as JSON. */
public final class VerdictReport {
    private static final Pattern INTEL_ADVISORY = Pattern.compile("INTEL-SA-[0-9]{5}");

    private VerdictReport() {}

    /**
     * Prints a table.
     *
     * @param verdict the verdict
     * @param at the time it was made for
     * @param out where to
     */
    public static void print(Verdict verdict, Instant at, PrintWriter out) {
        switch (verdict) {
            case Verdict.Accepted accepted -> {
                out.println("accepted, at " + at);
                claims(accepted.claims(), out);
                checks(accepted.checks(), out);
            }
            case Verdict.Refused refused -> {
                out.println("refused, at " + at);
                reasons(refused.reasons(), out);
            }
            case Verdict.Undecided undecided -> {
                out.println("not decided, at " + at + ": something needed could not be had");
                reasons(undecided.reasons(), out);
            }
        }
        out.flush();
    }

    private static void claims(Claims claims, PrintWriter out) {
        out.println();
        out.println("what is proven");
        line("kind", claims.kind(), out);
        line("platform", claims.platform(), out);
        line("measurement", claims.measurement().map(Measurement::toString).orElse("none"), out);
        line("signer", claims.signer().map(Bytes::hex).orElse("none"), out);
        line("product-id", shown(claims.productId()), out);
        line("security-version", shown(claims.securityVersion()), out);
        line("debug", Boolean.toString(claims.debug()), out);
        line("report-data", claims.reportData().hex(), out);
        line("issued-at", claims.issuedAt().map(Instant::toString).orElse("not stated"), out);
        line("anchor", claims.anchor().hex(), out);
        claims.details().forEach((name, value) -> detail(name, value, "  ", out));
        claims.text(Claims.TCB_STATUS).flatMap(TcbStatus::of).ifPresent(status -> {
            out.println();
            out.println("trusted computing base: " + status);
            out.println("  " + meaning(status));
            if (claims.details().get("advisory-ids") instanceof ClaimValue.Many advisories) {
                advisories.values().forEach(each -> out.println("  " + advisory(each.toString())));
            }
        });
    }

    private static void detail(String name, ClaimValue value, String indent, PrintWriter out) {
        if (value instanceof ClaimValue.Group group) {
            out.println(indent + Shown.line(name));
            group.values().forEach((inner, each) -> detail(inner, each, indent + "  ", out));
        } else {
            out.println(String.format("%-40s  %s", indent + Shown.line(name), Shown.line(value.toString())));
        }
    }

    /** What a status means for whoever relies on the platform. */
    private static String meaning(TcbStatus status) {
        return switch (status) {
            case UP_TO_DATE -> "Every fix that the maker requires is in place.";
            case SW_HARDENING_NEEDED -> "The platform is current; the code inside must itself be hardened against these:";
            case CONFIGURATION_NEEDED -> "The platform is current; its configuration leaves it open to these:";
            case CONFIGURATION_AND_SW_HARDENING_NEEDED ->
                "The platform is current; its configuration, and code inside that is not hardened, leave it open to these:";
            case TD_RELAUNCH_ADVISED -> "The module was updated under the running TD; launched anew it would be current. Open at its launch:";
            case TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED ->
                "The module was updated under the running TD, and the platform's configuration must change. Open at its launch:";
            case OUT_OF_DATE -> "Fixes for these are missing on the platform:";
            case OUT_OF_DATE_CONFIGURATION_NEEDED -> "Fixes for these are missing on the platform, and its configuration must change:";
            case REVOKED -> "The platform's keys are known to attackers.";
        };
    }

    private static String advisory(String id) {
        return INTEL_ADVISORY.matcher(id).matches()
                ? id + "  https://www.intel.com/content/www/us/en/security-center/advisory/"
                        + id.toLowerCase(Locale.ROOT) + ".html"
                : Shown.line(id);
    }

    private static void checks(List<Verdict.Check> checks, PrintWriter out) {
        for (boolean done : new boolean[] {true, false}) {
            List<Verdict.Check> these = checks.stream().filter(each -> each.done() == done).toList();
            if (!these.isEmpty()) {
                out.println();
                out.println(done ? "what was checked" : "what was not checked");
                these.forEach(each -> line(each.name(), each.detail(), out));
            }
        }
    }

    private static void reasons(List<Reason> reasons, PrintWriter out) {
        for (Reason reason : reasons) {
            out.println();
            out.println(reason.code() + "  " + Shown.line(reason.path()));
            line("found", reason.found(), out);
            line("wanted", reason.wanted(), out);
            line("what to do", reason.remedy(), out);
        }
    }

    private static void line(String name, String value, PrintWriter out) {
        out.println(String.format("%-40s  %s", "  " + Shown.line(name), Shown.line(value)));
    }

    private static String shown(OptionalLong number) {
        return number.isPresent() ? Long.toString(number.getAsLong()) : "none";
    }

    /**
     * Writes JSON: {@code verdict} ({@code accepted}, {@code refused}, {@code undecided}), {@code at}, {@code claims}, {@code checks},
     * {@code reasons}.
     *
     * @param verdict the verdict
     * @param at the time it was made for
     * @return the text, ASCII
     */
    public static String json(Verdict verdict, Instant at) {
        Map<String, Object> report = new LinkedHashMap<>();
        switch (verdict) {
            case Verdict.Accepted accepted -> {
                report.put("verdict", "accepted");
                report.put("at", at.toString());
                report.put("claims", claims(accepted.claims()));
                List<Object> checks = new ArrayList<>();
                for (Verdict.Check each : accepted.checks()) {
                    Map<String, Object> check = new LinkedHashMap<>();
                    check.put("name", each.name());
                    check.put("done", each.done());
                    check.put("detail", each.detail());
                    checks.add(check);
                }
                report.put("checks", checks);
            }
            case Verdict.Refused refused -> {
                report.put("verdict", "refused");
                report.put("at", at.toString());
                report.put("reasons", reasons(refused.reasons()));
            }
            case Verdict.Undecided undecided -> {
                report.put("verdict", "undecided");
                report.put("at", at.toString());
                report.put("reasons", reasons(undecided.reasons()));
            }
        }
        return JsonText.of(report);
    }

    private static Map<String, Object> claims(Claims claims) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("kind", claims.kind());
        object.put("platform", claims.platform());
        claims.measurement().ifPresent(value -> object.put("measurement", value.toString()));
        claims.signer().ifPresent(value -> object.put("signer", value.hex()));
        claims.productId().ifPresent(value -> object.put("product-id", value));
        claims.securityVersion().ifPresent(value -> object.put("security-version", value));
        object.put("debug", claims.debug());
        object.put("report-data", claims.reportData().hex());
        claims.issuedAt().ifPresent(value -> object.put("issued-at", value.toString()));
        object.put("anchor", claims.anchor().hex());
        Map<String, Object> details = new LinkedHashMap<>();
        claims.details().forEach((name, value) -> details.put(name, value(value)));
        object.put("details", details);
        return object;
    }

    private static Object value(ClaimValue claim) {
        return switch (claim) {
            case ClaimValue.Text text -> text.value();
            case ClaimValue.Int number -> number.value();
            case ClaimValue.Flag flag -> flag.value();
            case ClaimValue.Many many -> many.values().stream().map(VerdictReport::value).toList();
            case ClaimValue.Group group -> {
                Map<String, Object> object = new LinkedHashMap<>();
                group.values().forEach((name, each) -> object.put(name, value(each)));
                yield object;
            }
        };
    }

    private static List<Object> reasons(List<Reason> reasons) {
        List<Object> list = new ArrayList<>();
        for (Reason each : reasons) {
            Map<String, Object> reason = new LinkedHashMap<>();
            reason.put("code", each.code().name());
            reason.put("path", each.path());
            reason.put("found", each.found());
            reason.put("wanted", each.wanted());
            reason.put("remedy", each.remedy());
            list.add(reason);
        }
        return list;
    }
}
