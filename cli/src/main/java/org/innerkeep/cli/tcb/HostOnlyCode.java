package org.innerkeep.cli.tcb;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.BundleFile;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.bundle.OfferedInterface;

/**
 * Code of one jar inside an enclave that nothing but calls of the host reaches, and that sees nothing but what these bring. The host could
 * do its work, for it has all that the work needs, and nobody would have to trust it.
 *
 * @param jar the jar's path in the bundle
 * @param classes how many of its classes are reached in no other way
 * @param bytes the size of their class files
 * @param from the methods of the host's interfaces from which they are reached
 */
public record HostOnlyCode(String jar, int classes, long bytes, List<String> from) {
    /** Copies the list. */
    public HostOnlyCode {
        from = List.copyOf(from);
    }

    /**
     * What was found in a bundle.
     *
     * @param code by jar
     * @param reachedBytes all class files that can be reached, Innerkeep's own aside
     */
    public record Found(List<HostOnlyCode> code, long reachedBytes) {
        /** Copies the list. */
        public Found {
            code = List.copyOf(code);
        }
    }

    static Found find(Path file, Path scratch, long maxBytes) throws IOException, BundleException {
        Manifest manifest;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            manifest = Bundle.unpack(in, scratch, maxBytes).manifest();
        }
        CodeBase code = CodeBase.read(scratch, manifest.files(), manifest.javaRelease());
        Reach whole = TrustedBase.reach(code, manifest, _ -> true);
        Reach rest = TrustedBase.reach(code, manifest, each -> each.side() != OfferedInterface.Side.HOST);
        long reachedBytes = bytes(classes(code, whole.classes()));
        List<OfferedInterface> offered =
                manifest.interfaces().stream().filter(each -> each.side() == OfferedInterface.Side.HOST).toList();
        Reach host = ofHost(code, whole, offered);
        if (offered.isEmpty() || seesMore(code, host, rest)) {
            return new Found(List.of(), reachedBytes);
        }
        Set<String> only = new HashSet<>(whole.classes());
        only.removeAll(rest.classes());
        List<String> from = offered.stream().flatMap(each -> methods(code, each).stream()).toList();
        List<HostOnlyCode> found = new ArrayList<>();
        for (BundleFile jar : manifest.files()) {
            List<CodeClass> own =
                    classes(code, only).stream().filter(each -> each.jar().equals(jar.path())).toList();
            if (!own.isEmpty()) {
                found.add(new HostOnlyCode(jar.path(), own.size(), bytes(own), from));
            }
        }
        return new Found(found, reachedBytes);
    }

    private static List<CodeClass> classes(CodeBase code, Collection<String> names) {
        return names.stream()
                .flatMap(name -> code.find(name).stream())
                .filter(each -> !TrustedBase.isOwn(each))
                .toList();
    }

    private static long bytes(List<CodeClass> classes) {
        return classes.stream().mapToLong(CodeClass::sizeBytes).sum();
    }

    private static List<String> methods(CodeBase code, OfferedInterface offered) {
        return code.supertypes(offered.name()).stream()
                .flatMap(type -> code.find(type).stream())
                .flatMap(type -> type.methods().values().stream())
                .filter(CodeMethod::isAbstract)
                .map(method -> offered.name().substring(offered.name().lastIndexOf('.') + 1) + "."
                        + method.signature().name())
                .toList();
    }

    /** What the host's calls reach, whoever made the objects that they reach it by. */
    private static Reach ofHost(CodeBase code, Reach whole, List<OfferedInterface> offered) {
        Reach host = new Reach(code);
        whole.created().forEach(host::make);
        offered.forEach(each -> TrustedBase.begin(host, code, each));
        return host;
    }

    /**
     * Whether what the host calls may see what anybody else brought: by a field that other code uses too, or by opening something that is
     * sealed. Components of records and constants do not count: they are got at by an object, and that object by a field.
     */
    private static boolean seesMore(CodeBase code, Reach host, Reach rest) {
        Set<String> shared = rest.methods().stream()
                .filter(each -> !TrustedBase.isOwn(each.type()))
                .flatMap(each -> Stream.concat(
                        each.method().reads().stream(), each.method().writes().stream()))
                .filter(field -> !ofValue(code, field))
                .collect(Collectors.toSet());
        return host.methods().stream()
                .filter(each -> !TrustedBase.isOwn(each.type()))
                .anyMatch(each -> each.method().reads().stream().anyMatch(shared::contains)
                        || each.method().calls().stream().anyMatch(HostOnlyCode::opens));
    }

    private static boolean ofValue(CodeBase code, String field) {
        Optional<CodeClass> owner = code.find(field.substring(0, field.lastIndexOf('.')));
        return owner.isPresent() && owner.get().isValue();
    }

    private static boolean opens(Call call) {
        return Door.of(Door.Side.IN, call).filter(door -> door == Door.FROM_FILES).isPresent();
    }
}
