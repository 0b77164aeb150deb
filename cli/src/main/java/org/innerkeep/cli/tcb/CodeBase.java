package org.innerkeep.cli.tcb;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.innerkeep.bundle.BundleFile;

/**
 * All classes of a bundle, as its class path has them: of two with one name the first counts, in a jar for several releases the newest
 * that runs.
 */
final class CodeBase {
    /** A class file has no length of its own; nobody writes one of this size. */
    private static final int MAX_CLASS_BYTES = 16 << 20;

    /** All class files of a bundle together: a bundle is a stranger's, and a jar may unfold to anything. */
    private static final long MAX_BYTES = 1L << 30;

    private static final String VERSIONS = "META-INF/versions/";
    private static final String CLASS = ".class";

    /** Where a jar names the services that its classes provide, a file for each. */
    private static final String SERVICES = "META-INF/services/";

    private static final int MAX_SERVICES_BYTES = 1 << 16;

    private final Map<String, CodeClass> classes;
    private final Set<String> providers;
    private final Map<String, Set<String>> supertypes = new HashMap<>();

    private CodeBase(Map<String, CodeClass> classes, Set<String> providers) {
        this.classes = classes;
        this.providers = providers;
    }

    /**
     * Reads the jars of an unpacked bundle.
     *
     * @param folder where its files are
     * @param files those that it has
     * @param release the Java release that runs them
     * @throws IOException if a jar or a class in it cannot be read, naming it
     */
    static CodeBase read(Path folder, List<BundleFile> files, int release) throws IOException {
        Map<String, CodeClass> classes = new LinkedHashMap<>();
        Set<String> providers = new LinkedHashSet<>();
        long left = MAX_BYTES;
        for (BundleFile file : files) {
            if (file.isJar()) {
                left -= readJar(folder.resolve(file.path()), file.path(), release, left, classes, providers);
            }
        }
        return new CodeBase(classes, providers);
    }

    private static long readJar(
            Path file, String path, int release, long most, Map<String, CodeClass> classes, Set<String> providers)
            throws IOException {
        long bytes = 0;
        try (ZipFile jar = new ZipFile(file.toFile())) {
            readServices(jar, path, providers);
            for (ZipEntry entry : newest(jar, release)) {
                byte[] content = content(jar, entry, path, Math.min(MAX_CLASS_BYTES, most - bytes));
                bytes += content.length;
                CodeClass read;
                try {
                    read = CodeReader.read(path, content);
                } catch (IllegalArgumentException e) {
                    throw new IOException(path + ": " + entry.getName() + " is no class file that can be read: " + e.getMessage(), e);
                }
                classes.putIfAbsent(read.name(), read);
            }
        }
        return bytes;
    }

    private static void readServices(ZipFile jar, String path, Set<String> providers) throws IOException {
        for (Enumeration<? extends ZipEntry> all = jar.entries(); all.hasMoreElements(); ) {
            ZipEntry entry = all.nextElement();
            if (!entry.isDirectory() && entry.getName().startsWith(SERVICES)) {
                new String(content(jar, entry, path, MAX_SERVICES_BYTES), StandardCharsets.UTF_8)
                        .lines()
                        .map(line -> line.replaceFirst("#.*", "").strip())
                        .filter(line -> !line.isEmpty())
                        .forEach(providers::add);
            }
        }
    }

    /** {@return the entries of class files, of each class the newest that this release runs} */
    private static Collection<ZipEntry> newest(ZipFile jar, int release) {
        Map<String, ZipEntry> entries = new LinkedHashMap<>();
        Map<String, Integer> versions = new HashMap<>();
        for (Enumeration<? extends ZipEntry> all = jar.entries(); all.hasMoreElements(); ) {
            ZipEntry entry = all.nextElement();
            String name = entry.getName();
            int version = 0;
            if (name.startsWith(VERSIONS)) {
                String[] parts = name.substring(VERSIONS.length()).split("/", 2);
                if (parts.length < 2 || !parts[0].matches("[1-9][0-9]{0,3}")) {
                    continue;
                }
                version = Integer.parseInt(parts[0]);
                name = parts[1];
            }
            if (!name.endsWith(CLASS) || name.endsWith("module-info.class") || name.startsWith("META-INF/") || version > release) {
                continue;
            }
            if (version >= versions.getOrDefault(name, 0)) {
                versions.put(name, version);
                entries.put(name, entry);
            }
        }
        return entries.values();
    }

    private static byte[] content(ZipFile jar, ZipEntry entry, String path, long most) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            byte[] chunk = new byte[1 << 14];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                content.write(chunk, 0, count);
                if (content.size() > most) {
                    throw new IOException(path + ": " + entry.getName() + ": expected at most " + most + " bytes, found more");
                }
            }
            return content.toByteArray();
        }
    }

    Collection<CodeClass> classes() {
        return classes.values();
    }

    /** {@return the classes that the jars name as providers of services} */
    Set<String> providers() {
        return providers;
    }

    Optional<CodeClass> find(String name) {
        return Optional.ofNullable(classes.get(name));
    }

    /** {@return the class itself and all above it, those outside the bundle by name only} */
    Set<String> supertypes(String name) {
        return supertypes.computeIfAbsent(name, this::collect);
    }

    /** A hostile class may be its own superclass, and chains may be long: each is looked at once, and none from within another. */
    private Set<String> collect(String name) {
        Set<String> seen = new LinkedHashSet<>();
        Deque<String> left = new ArrayDeque<>(List.of(name));
        while (!left.isEmpty()) {
            String next = left.pop();
            if (seen.add(next)) {
                find(next).ifPresent(found -> {
                    left.addAll(found.interfaces());
                    found.superclass().ifPresent(left::push);
                });
            }
        }
        return seen;
    }

    /** {@return the method that an object of the class has, or that a call naming the class finds} */
    Optional<Found> resolve(String name, Signature signature) {
        for (String type : linear(name)) {
            Optional<CodeClass> found = find(type);
            if (found.isPresent()) {
                CodeMethod method = found.get().methods().get(signature);
                if (method != null && !method.isAbstract()) {
                    return Optional.of(new Found(found.get(), method));
                }
            }
        }
        return Optional.empty();
    }

    /** {@return classes before interfaces, as the JVM looks (JVMS 5.4.3.3)} */
    private Set<String> linear(String name) {
        Set<String> order = new LinkedHashSet<>();
        Optional<CodeClass> each = find(name);
        while (each.isPresent() && order.add(each.get().name())) {
            each = each.get().superclass().flatMap(this::find);
        }
        order.addAll(supertypes(name));
        return order;
    }

    /**
     * A method and where it is.
     *
     * @param type the class that has it
     * @param method the method
     */
    record Found(CodeClass type, CodeMethod method) {}
}
