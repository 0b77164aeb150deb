package org.innerkeep.cli.tcb;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.bundle.BundleFile;
import org.innerkeep.bundle.OfferedInterface;

/** Tells what is inside the trust boundary, for people and for programs. */
final class TrustedBaseReport {
    /** How many places of one kind are named; the JSON form has them all. */
    private static final int NAMED = 3;

    private final TrustedBase base;

    TrustedBaseReport(TrustedBase base) {
        this.base = base;
    }

    void print(PrintWriter out) {
        List<TrustedBase.Jar> jars = bySize();
        out.println("inside     " + count(jars.size(), "jar") + ", " + count(classes(), "class", "es") + ", "
                + size(classBytes()) + " of class files");
        out.println("reached    " + count(reached(), "class", "es") + ", " + size(reachedBytes()) + " (" + percent(reachedBytes(), classBytes())
                + "), from the program and what it offers; more, where code is found by name");
        out.println("native     " + (base.natives().isEmpty() ? "none" : natives()));
        out.println("runtime    " + base.runtime()
                .map(modules -> count(modules.size(), "module") + " of the JDK, "
                        + size(modules.values().stream().mapToLong(Long::longValue).sum()) + ": " + String.join(", ", modules.keySet()))
                .orElse("not all modules that it names are in this JDK: " + String.join(", ", base.manifest().javaModules())));

        out.println();
        out.println(String.format(Locale.ROOT, "%-52s %16s %20s %7s", "jar", "classes reached", "bytes reached", "share"));
        for (TrustedBase.Jar jar : jars) {
            out.println(String.format(
                    Locale.ROOT,
                    "%-52s %16s %20s %7s",
                    jar.path(),
                    jar.reached() + " of " + jar.classes(),
                    size(jar.reachedBytes()) + " of " + size(jar.classBytes()),
                    percent(jar.reachedBytes(), Math.max(1, reachedBytes()))));
        }

        section(out, "Untrusted input enters", offered("takes calls of "), Door.Side.IN);
        section(out, "Data may leave", offered("answers calls of "), Door.Side.OUT);
        section(out, "What the code that can be reached does besides", nativeMethods(), Door.Side.INSIDE);

        List<String> advice = advice();
        if (!advice.isEmpty()) {
            out.println();
            out.println("Advice");
            advice.forEach(line -> out.println("  " + line));
        }
        out.flush();
    }

    /** {@return the same as maps and lists} */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("digest", base.manifest().digest().toString());
        json.put("classes", classes());
        json.put("classBytes", classBytes());
        json.put("classesReached", reached());
        json.put("classBytesReached", reachedBytes());
        json.put("jars", bySize().stream().map(TrustedBaseReport::json).toList());
        json.put("native", base.natives().stream()
                .map(each -> Map.of("path", each.path(), "bytes", each.sizeBytes()))
                .toList());
        base.runtime().ifPresent(modules -> json.put("modules", modules));
        json.put("interfaces", base.offered().stream().map(TrustedBaseReport::json).toList());
        Map<String, Object> uses = new LinkedHashMap<>();
        base.uses().forEach((door, found) -> {
            Map<String, Object> byJar = new LinkedHashMap<>();
            found.forEach(use -> byJar.put(use.jar(), use.places()));
            uses.put(door.name().toLowerCase(Locale.ROOT).replace('_', '-'), byJar);
        });
        json.put("uses", uses);
        json.put("nativeMethods", base.nativeMethods());
        json.put("advice", advice());
        return json;
    }

    private static Map<String, Object> json(TrustedBase.Jar jar) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("path", jar.path());
        json.put("bytes", jar.sizeBytes());
        json.put("classes", jar.classes());
        json.put("classBytes", jar.classBytes());
        json.put("classesReached", jar.reached());
        json.put("classBytesReached", jar.reachedBytes());
        return json;
    }

    private static Map<String, Object> json(TrustedBase.Offered offered) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("to", offered.side().toString());
        json.put("name", offered.name());
        json.put("methods", offered.methods());
        return json;
    }

    private List<String> advice() {
        List<String> advice = new ArrayList<>();
        for (TrustedBase.Jar jar : bySize()) {
            if (jar.classes() > 0 && jar.reached() == 0) {
                advice.add(jar.path() + ": none of its " + count(jar.classes(), "class", "es")
                        + " can be reached. Leave it out, unless it is found by name.");
            }
        }
        uses(Door.DESERIALIZES).forEach(use -> advice.add(use.jar()
                + ": code that deserializes can be reached, in " + some(use.places())
                + ". Bytes from outside must not get there: who sends them chooses the classes."));
        uses(Door.PROCESSES).forEach(use -> advice.add(
                use.jar() + ": " + some(use.places()) + " would start a process, and an enclave may not. Move it outside."));
        if (!base.natives().isEmpty()) {
            advice.add("Native code shares all memory of the enclave: a fault in it is a fault of everything. Is there a library in Java?");
        }
        if (base.offered().stream().anyMatch(each -> each.side() == OfferedInterface.Side.HOST)
                || base.uses().containsKey(Door.TO_HOST)) {
            advice.add("What is said to the host is said to everybody: check that no answer to it depends on what a client confides.");
        }
        return advice;
    }

    private List<TrustedBase.Use> uses(Door door) {
        return base.uses().getOrDefault(door, List.of());
    }

    private void section(PrintWriter out, String title, List<String> first, Door.Side side) {
        List<String> lines = new ArrayList<>(first);
        base.uses().forEach((door, uses) -> {
            if (door.side() == side) {
                lines.add(door.says() + ":");
                uses.forEach(use -> lines.add("    " + use.jar() + ": " + some(use.places())));
            }
        });
        out.println();
        out.println(title);
        (lines.isEmpty() ? List.of("nothing found") : lines).forEach(line -> out.println("  " + line));
    }

    private List<String> offered(String does) {
        return base.offered().stream()
                .flatMap(each -> Stream.concat(
                        Stream.of(does + (each.side() == OfferedInterface.Side.HOST ? "the host, " : "clients, ")
                                + each.name()),
                        each.methods().stream().map(method -> "    " + method)))
                .toList();
    }

    private List<String> nativeMethods() {
        return base.nativeMethods().isEmpty()
                ? List.of()
                : List.of("calls native methods: " + some(base.nativeMethods()));
    }

    private String natives() {
        long bytes = base.natives().stream().mapToLong(BundleFile::sizeBytes).sum();
        return count(base.natives().size(), "librar", "y", "ies") + ", " + size(bytes) + ": "
                + String.join(", ", base.natives().stream().map(BundleFile::path).toList());
    }

    private List<TrustedBase.Jar> bySize() {
        return base.jars().stream()
                .sorted(Comparator.comparingLong(TrustedBase.Jar::reachedBytes)
                        .thenComparingLong(TrustedBase.Jar::classBytes)
                        .reversed())
                .toList();
    }

    private int classes() {
        return base.jars().stream().mapToInt(TrustedBase.Jar::classes).sum();
    }

    private int reached() {
        return base.jars().stream().mapToInt(TrustedBase.Jar::reached).sum();
    }

    private long classBytes() {
        return base.jars().stream().mapToLong(TrustedBase.Jar::classBytes).sum();
    }

    private long reachedBytes() {
        return base.jars().stream().mapToLong(TrustedBase.Jar::reachedBytes).sum();
    }

    private static String some(List<String> places) {
        String named = String.join(", ", places.subList(0, Math.min(NAMED, places.size())));
        return places.size() > NAMED ? named + " and " + (places.size() - NAMED) + " more" : named;
    }

    private static String count(long number, String word) {
        return count(number, word, "", "s");
    }

    private static String count(long number, String word, String plural) {
        return count(number, word, "", plural);
    }

    private static String count(long number, String word, String one, String more) {
        return String.format(Locale.ROOT, "%,d %s%s", number, word, number == 1 ? one : more);
    }

    private static String percent(long part, long whole) {
        return whole == 0 ? "0 %" : Math.round(100.0 * part / whole) + " %";
    }

    private static String size(long bytes) {
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (1024.0 * 1024.0));
    }
}
