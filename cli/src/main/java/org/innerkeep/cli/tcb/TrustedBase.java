package org.innerkeep.cli.tcb;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.BundleFile;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.bundle.OfferedInterface;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.keeper.LaunchConfiguration;

/**
 * What whoever agrees to a bundle has to trust: code, and the ways in and out of it.
 *
 * @param manifest what the bundle is
 * @param jars its jars, in the order of the class path
 * @param natives its native libraries
 * @param runtime the modules of the Java runtime and their sizes in bytes; empty where this JDK does not have them all
 * @param offered the interfaces that it offers, with their methods
 * @param uses what its code does, by where: calls of Innerkeep's own code are not among them
 * @param nativeMethods methods that can be reached and whose code is native
 */
record TrustedBase(
        Manifest manifest,
        List<Jar> jars,
        List<BundleFile> natives,
        Optional<SortedMap<String, Long>> runtime,
        List<Offered> offered,
        Map<Door, List<Use>> uses,
        List<String> nativeMethods) {
    private static final List<String> OWN = List.of("org.innerkeep.enclave.", "org.innerkeep.channel.", "org.innerkeep.evidence.");

    /**
     * One jar.
     *
     * @param path its path in the bundle
     * @param sizeBytes the size of the jar
     * @param classes how many classes it has
     * @param reached how many of them can be reached
     * @param classBytes the size of its class files
     * @param reachedBytes the size of those that can be reached
     */
    record Jar(String path, long sizeBytes, int classes, int reached, long classBytes, long reachedBytes) {}

    /**
     * An interface that the program offers.
     *
     * @param side to whom
     * @param name its name
     * @param methods its methods, with the types of parameters and result
     */
    record Offered(OfferedInterface.Side side, String name, List<String> methods) {}

    /**
     * What some code does.
     *
     * @param jar where the code is
     * @param places the methods that do it
     */
    record Use(String jar, List<String> places) {}

    /**
     * Looks at a bundle. Its signature and its files are checked, and none of its code is run.
     *
     * @param file the bundle
     * @param scratch an empty folder for its files
     * @param maxBytes the most bytes that its files may have
     * @throws BundleException if the bundle is refused
     * @throws IOException if it cannot be read, or a class in it is none
     */
    static TrustedBase of(Path file, Path scratch, long maxBytes) throws IOException, BundleException {
        Manifest manifest;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            manifest = Bundle.unpack(in, scratch, maxBytes).manifest();
        }
        CodeBase code = CodeBase.read(scratch, manifest.files(), manifest.javaRelease());
        Reach reach = reach(code, manifest, _ -> true);
        return new TrustedBase(
                manifest,
                jars(code, reach, manifest),
                manifest.files().stream().filter(each -> each.path().startsWith("native/")).toList(),
                RuntimeModules.of(manifest.javaModules()),
                manifest.interfaces().stream().map(each -> offered(each, code)).toList(),
                uses(reach),
                reach.methods().stream().filter(found -> found.method().isNative()).map(TrustedBase::place).toList());
    }

    /** What can be called if only these interfaces were offered. */
    static Reach reach(CodeBase code, Manifest manifest, Predicate<OfferedInterface> offered) {
        Reach reach = new Reach(code);
        Signature start = new Signature("start", "(L" + EnclaveContext.class.getName().replace('.', '/') + ";)V");
        reach.begin(LaunchConfiguration.of(manifest).arguments().getLast(), new Signature("main", "([Ljava/lang/String;)V"));
        reach.make(manifest.program());
        reach.begin(manifest.program(), Signature.CONSTRUCTOR_WITHOUT_PARAMETERS);
        reach.begin(manifest.program(), start);
        manifest.interfaces().stream().filter(offered).forEach(each -> begin(reach, code, each));
        return reach;
    }

    /** Every method of an interface may be called, with whatever it carries. */
    static void begin(Reach reach, CodeBase code, OfferedInterface offered) {
        for (String type : code.supertypes(offered.name())) {
            code.find(type).ifPresent(found -> found.methods().values().forEach(method -> {
                reach.beginVirtual(offered.name(), method.signature());
                method.named().forEach(reach::carry);
            }));
        }
    }

    private static List<Jar> jars(CodeBase code, Reach reach, Manifest manifest) {
        List<Jar> jars = new ArrayList<>();
        for (BundleFile file : manifest.files()) {
            if (!file.isJar()) {
                continue;
            }
            List<CodeClass> all = code.classes().stream().filter(each -> each.jar().equals(file.path())).toList();
            List<CodeClass> reached = all.stream().filter(each -> reach.classes().contains(each.name())).toList();
            jars.add(new Jar(file.path(), file.sizeBytes(), all.size(), reached.size(), bytes(all), bytes(reached)));
        }
        return jars;
    }

    private static long bytes(List<CodeClass> classes) {
        return classes.stream().mapToLong(CodeClass::sizeBytes).sum();
    }

    private static Offered offered(OfferedInterface offered, CodeBase code) {
        List<String> methods = code.supertypes(offered.name()).stream()
                .flatMap(type -> code.find(type).stream())
                .flatMap(type -> type.methods().values().stream())
                .filter(method -> method.isAbstract())
                .map(method -> Descriptors.readable(method.signature()))
                .toList();
        return new Offered(offered.side(), offered.name(), methods);
    }

    private static Map<Door, List<Use>> uses(Reach reach) {
        Map<Door, SortedMap<String, List<String>>> found = new EnumMap<>(Door.class);
        for (CodeBase.Found each : reach.methods()) {
            if (isOwn(each.type())) {
                continue;
            }
            Stream.of(Door.Side.values())
                    .flatMap(side -> each.method().calls().stream().flatMap(call -> Door.of(side, call).stream()))
                    .distinct()
                    .forEach(door -> found.computeIfAbsent(door, _ -> new TreeMap<>())
                            .computeIfAbsent(each.type().jar(), _ -> new ArrayList<>())
                            .add(place(each)));
        }
        Map<Door, List<Use>> uses = new LinkedHashMap<>();
        found.forEach((door, byJar) -> uses.put(
                door, byJar.entrySet().stream().map(each -> new Use(each.getKey(), List.copyOf(each.getValue()))).toList()));
        return uses;
    }

    /** Whether a class is Innerkeep's. */
    static boolean isOwn(CodeClass type) {
        return OWN.stream().anyMatch(type.name()::startsWith);
    }

    private static String place(CodeBase.Found found) {
        return found.type().name() + "." + found.method().signature().name();
    }
}
