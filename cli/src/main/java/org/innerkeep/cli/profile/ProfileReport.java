package org.innerkeep.cli.profile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.innerkeep.channel.profile.InsideFigures.Heap;
import org.innerkeep.channel.profile.Spread;
import org.innerkeep.cli.profile.MemoryByKind.Kind;
import org.innerkeep.cli.text.Shown;

/** Tells what a run measured and what follows from it, for people and for programs. */
final class ProfileReport {
    private static final int VERSION = 1;
    private static final int SECOND = 1_000_000_000;

    private final ProfileFigures figures;
    private final List<Advice> advice;
    private final Needs needs;

    ProfileReport(ProfileFigures figures) {
        this.figures = figures;
        this.advice = Rules.all(figures);
        this.needs = Needs.of(figures.heapBytes(), figures.memory());
    }

    /** {@return the report for people} */
    String render() {
        StringBuilder text = new StringBuilder();
        line(text, "measured   " + Amounts.nanos(figures.measured().toNanos()) + (figures.debug()
                ? ", inside too: a debug build"
                : ", outside only: no debug build, or it ended first. A debug build (debug = true) tells its own times, clients' calls and"
                        + " what its heap holds"));
        line(text, "sessions   " + relayed());
        calls(text);
        memory(text);
        platforms(text);
        line(text, "");
        line(text, "Advice");
        if (advice.isEmpty()) {
            line(text, "  none: no rule found anything that is worth a change in these figures");
        }
        for (Advice each : advice) {
            line(text, "  " + each.code() + " " + Shown.line(each.about()));
            line(text, "    " + each.what());
            each.because().forEach(why -> line(text, "    because  " + Shown.line(why)));
            line(text, "    saves    " + each.saves());
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }

    private String relayed() {
        var relayed = figures.relayed();
        return relayed.sessions() == 0
                ? "none"
                : Amounts.count(relayed.sessions()) + " of clients, " + relayed.mostAtOnce() + " at once; "
                        + Amounts.bytes(relayed.inBytes()) + " in, " + Amounts.bytes(relayed.outBytes())
                        + " out, TLS included";
    }

    private void calls(StringBuilder text) {
        MethodCost.Way way = null;
        for (MethodCost each : figures.calls()) {
            if (each.own() && each.calls() < 2) {
                continue;
            }
            if (each.way() != way) {
                way = each.way();
                line(text, "");
                line(text, String.format(
                        Locale.ROOT, "%-36s %9s %8s %6s %7s %21s %21s %10s %10s %10s", capital(way.words()), "calls", "a second", "failed",
                        "at once", "in, half/largest", "out, half/largest", "whole", "work", "crossing"));
            }
            line(text, String.format(
                    Locale.ROOT, "%-36s %9s %8s %6s %7s %21s %21s %10s %10s %10s",
                    Shown.line(each.name()),
                    Amounts.count(each.calls()),
                    Amounts.count(Math.round(rate(each))),
                    // Pieces are asked for ahead, and those behind the end of a stream are given up.
                    each.stream() ? "-" : Amounts.count(each.failed()),
                    each.mostAtOnce(),
                    sizes(each.requestBytes()),
                    sizes(each.answerBytes()),
                    mean(each.whole()),
                    mean(each.work()),
                    each.crossingNanos().isPresent() ? Amounts.nanos(each.crossingNanos().getAsDouble()) : "-"));
        }
        if (way == null) {
            line(text, "");
            line(text, "no calls");
        }
    }

    private double rate(MethodCost method) {
        return (double) method.calls() * SECOND / Math.max(1, figures.measured().toNanos());
    }

    private static String capital(String words) {
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    private static String sizes(Spread spread) {
        return Amounts.bytes(spread.median()) + "/" + Amounts.bytes(spread.largest());
    }

    private static String mean(Optional<Spread> spread) {
        return spread.map(each -> Amounts.nanos(each.mean())).orElse("-");
    }

    private void memory(StringBuilder text) {
        line(text, "");
        line(text, "Memory of the enclave's process, the most that was seen");
        if (figures.memory().total() == 0) {
            line(text, "  not seen: the process had ended, or belongs to another user; root sees it");
        }
        for (Kind kind : Kind.values()) {
            line(text, String.format(Locale.ROOT, "  %-20s %10s", kind.words(), Amounts.bytes(figures.memory().of(kind)))
                    + (kind == Kind.STACKS ? "  of " + figures.memory().threads() + " threads" : "")
                    + (kind == Kind.HEAP ? "  of " + Amounts.bytes(figures.heapBytes()) : ""));
        }
        line(text, figures.heap()
                .map(heap -> "  in the heap: " + Amounts.bytes(heap.live()) + " after a collection at the end, at most "
                        + Amounts.bytes(heap.mostUsed()) + " with garbage")
                .orElse("  what is in the heap is not known"));
    }

    private void platforms(StringBuilder text) {
        ProcessLimits limits = figures.limits();
        line(text, "");
        line(text, "Against the limits of platforms");
        line(text, "  process   " + Amounts.bytes(limits.dataUsed()) + " of private memory, of " + limit(limits.dataBytes())
                + " that its limit allows; cgroup: " + limit(limits.cgroupBytes()) + "; heap: "
                + (limits.secretHeap()
                        ? "secret, locked " + (limits.lockedBytes().orElse(Long.MAX_VALUE) < figures.heapBytes()
                                ? "by a capability of the keeper's"
                                : "within its limit of " + limit(limits.lockedBytes()))
                        : "ordinary memory; a secret one must be locked, and the limit is " + limit(limits.lockedBytes())));
        line(text, "  sgx       an enclave of " + Amounts.bytes(needs.enclaveSize()) + " by Gramine (" + Amounts.bytes(needs.enclaveBytes())
                + " with twice the classes and code seen; a power of two; Gramine's own not counted), sgx.max_threads = " + needs.threads()
                + ";");
        line(text, "            class space, metaspace and code cache must be bounded, since a JVM reserves 1.3 GiB for them unless told"
                + " otherwise;");
        line(text, "            " + needs.fits());
        line(text, "  vm        a guest of " + Amounts.bytes(needs.guestBytes()) + ", by a guest whose kernel and initial file system took 135 MiB");
        line(text, "  snp, tdx  as vm: the same guest");
    }

    private static String limit(OptionalLong limit) {
        return limit.isPresent() ? Amounts.bytes(limit.getAsLong()) : "no limit";
    }

    /** {@return the report for programs: maps, lists, text, numbers and truth values} The names stay as they are. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("innerkeep-profile", VERSION);
        json.put("nanos", figures.measured().toNanos());
        json.put("inside", figures.debug());
        var relayed = figures.relayed();
        json.put("sessions", Map.of(
                "count", relayed.sessions(), "mostAtOnce", relayed.mostAtOnce(), "inBytes", relayed.inBytes(), "outBytes",
                relayed.outBytes()));
        json.put("calls", figures.calls().stream().map(this::call).toList());
        json.put("memory", memoryJson());
        json.put("platforms", platformsJson());
        json.put("hostOnlyCode", figures.hostOnly().stream()
                .map(each -> Map.of("jar", each.jar(), "classes", each.classes(), "bytes", each.bytes(), "from", each.from()))
                .toList());
        json.put("reachedBytes", figures.reachedBytes());
        json.put("advice", advice.stream().map(ProfileReport::advice).toList());
        return json;
    }

    private Map<String, Object> call(MethodCost method) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("way", method.way().name());
        json.put("interface", method.service());
        json.put("method", method.method());
        json.put("calls", method.calls());
        json.put("perSecond", rate(method));
        json.put("failed", method.failed());
        json.put("mostAtOnce", method.mostAtOnce());
        json.put("rightAfterTheOneBefore", method.following());
        json.put("requestBytes", spread(method.requestBytes()));
        json.put("answerBytes", spread(method.answerBytes()));
        method.whole().ifPresent(whole -> json.put("wholeNanos", spread(whole)));
        method.work().ifPresent(work -> json.put("workNanos", spread(work)));
        if (method.crossingNanos().isPresent()) {
            json.put("meanCrossingNanos", method.crossingNanos().getAsDouble());
        }
        return json;
    }

    private static Map<String, Object> spread(Spread spread) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sum", spread.sum());
        json.put("median", spread.median());
        json.put("largest", spread.largest());
        return json;
    }

    private Map<String, Object> memoryJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        for (Kind kind : Kind.values()) {
            json.put(kind.name().toLowerCase(Locale.ROOT), figures.memory().of(kind));
        }
        json.put("threads", figures.memory().threads());
        json.put("heapLimit", figures.heapBytes());
        figures.heap().ifPresent(heap -> json.putAll(heap(heap)));
        return json;
    }

    private static Map<String, Object> heap(Heap heap) {
        return Map.of("heapLive", heap.live(), "heapMostUsed", heap.mostUsed());
    }

    private Map<String, Object> platformsJson() {
        Map<String, Object> process = new LinkedHashMap<>();
        process.put("privateBytes", figures.limits().dataUsed());
        figures.limits().dataBytes().ifPresent(bytes -> process.put("privateLimit", bytes));
        figures.limits().lockedBytes().ifPresent(bytes -> process.put("lockedLimit", bytes));
        figures.limits().cgroupBytes().ifPresent(bytes -> process.put("cgroupLimit", bytes));
        process.put("secretHeap", figures.limits().secretHeap());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("process", process);
        json.put("sgx", Map.of(
                "neededBytes", needs.enclaveBytes(), "enclaveSize", needs.enclaveSize(), "maxThreads", needs.threads()));
        json.put("vm", Map.of("guestBytes", needs.guestBytes()));
        return json;
    }

    private static Map<String, Object> advice(Advice advice) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("code", advice.code().name());
        json.put("about", advice.about());
        json.put("what", advice.what());
        json.put("because", new ArrayList<>(advice.because()));
        json.put("saves", advice.saves());
        return json;
    }
}
