package org.innerkeep.packing;

import java.io.IOException;
import java.io.Reader;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.bundle.Digest;
import org.innerkeep.bundle.OfferedInterface.Side;
import org.innerkeep.bundle.Packer;
import org.innerkeep.channel.call.ServiceSchema;
import org.innerkeep.channel.call.UncarriableTypeException;
import org.innerkeep.enclave.EnclaveProgram;

/** The properties file of {@code pack}: every key is known, every value is checked, unknown keys are refused. */
final class PackProperties {
    private static final String MODULES = "modules";
    private static final String SECRET_HEAP = "secret-heap";
    private static final String CGROUP = "cgroup";
    private static final String DEMANDS = "demands";
    private static final Set<String> KEYS = Set.of(
            "name", "program", "product", "svn", "heap", "threads", "debug", SECRET_HEAP, DEMANDS, MODULES,
            "client-interfaces", "host-interfaces", "drop-native");
    private static final String NATIVE = "native.";

    private final Path file;
    private final Properties values;

    private PackProperties(Path file, Properties values) {
        this.file = file;
        this.values = values;
    }

    static PackProperties read(Path file) throws IOException {
        Properties values = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            values.load(reader);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        for (String key : values.stringPropertyNames()) {
            if (!KEYS.contains(key) && !key.startsWith(NATIVE)) {
                throw new IOException(file + ": unknown key '" + key + "'; known are " + new TreeSet<>(KEYS)
                        + " and native.PLATFORM");
            }
        }
        return new PackProperties(file, values);
    }

    /** {@return whether the file says which JDK modules the program needs} */
    boolean namesModules() {
        return values.getProperty(MODULES) != null;
    }

    /** {@return the same settings with these modules} */
    PackProperties withModules(SortedSet<String> modules) {
        Properties all = new Properties();
        all.putAll(values);
        all.setProperty(MODULES, String.join(",", modules));
        return new PackProperties(file, all);
    }

    /** Measures the jars, and checks that the program is one and that every interface can be carried. */
    Packer packer(List<Path> jars, Optional<Path> sbom) throws IOException, BundleException {
        Packer.Builder builder = Packer.builder(required("name"), required("program"))
                .product(number("product", required("product")))
                .svn(number("svn", required("svn")))
                .heapBytes(heap(values.getProperty("heap", "256m")))
                .threads(threads(values.getProperty("threads", "16")))
                .debug(flag("debug", "false"))
                .secretHeap(flag(SECRET_HEAP, "true"));
        for (String mechanism : list(DEMANDS)) {
            builder.demands(mechanism(mechanism));
        }
        list(MODULES).forEach(builder::javaModule);
        sbom.ifPresent(builder::sbom);
        jars.forEach(builder::jar);
        for (String key : values.stringPropertyNames()) {
            if (key.startsWith(NATIVE)) {
                list(key).forEach(entry -> builder.nativeLibrary(key.substring(NATIVE.length()), entry));
            }
        }
        list("drop-native").forEach(builder::dropNative);
        try (URLClassLoader classes = new URLClassLoader(urls(jars), getClass().getClassLoader())) {
            checkProgram(required("program"), classes);
            offer(builder, Side.CLIENT, list("client-interfaces"), classes);
            offer(builder, Side.HOST, list("host-interfaces"), classes);
        }
        return builder.build();
    }

    /** The JDK modules that the bundle will name, sorted; the base module is always among them. */
    List<String> modules() {
        TreeSet<String> modules = new TreeSet<>(list(MODULES));
        modules.add("java.base");
        return List.copyOf(modules);
    }

    private void offer(Packer.Builder builder, Side side, List<String> names, ClassLoader classes) throws IOException {
        for (String name : names) {
            try {
                ServiceSchema schema = ServiceSchema.of(Class.forName(name, false, classes));
                if (side == Side.HOST && !schema.hostVisible()) {
                    throw new IOException(file + ": host interface " + name
                            + " is not marked @HostVisible; mark it if the host may see all that it carries");
                }
                builder.offers(side, name, Digest.of(schema.digest().toArray()));
            } catch (LinkageError e) {
                throw new IOException(file + ": interface " + name + " cannot be loaded: " + e, e);
            } catch (ClassNotFoundException e) {
                throw new IOException(file + ": interface " + name + " is in none of the jars", e);
            } catch (UncarriableTypeException e) {
                throw new IOException(file + ": interface " + name + " cannot be carried: " + e.getMessage(), e);
            }
        }
    }

    /** That it is in the jars at all is the packer's to say; here it must be what the runtime can start. */
    private void checkProgram(String name, ClassLoader classes) throws IOException {
        Class<?> program;
        try {
            program = Class.forName(name, false, classes);
        } catch (ClassNotFoundException e) {
            throw new IOException(file + ": program " + name + " is in none of the jars", e);
        } catch (LinkageError e) {
            throw new IOException(file + ": program " + name + " cannot be loaded: " + e + "; is a library of it missing?", e);
        }
        if (!EnclaveProgram.class.isAssignableFrom(program)) {
            throw new IOException(file + ": program " + name + " does not implement " + EnclaveProgram.class.getName());
        }
        if (program.isInterface() || Modifier.isAbstract(program.getModifiers()) || !hasPublicConstructor(program)) {
            throw new IOException(file + ": program " + name + " must be a public class with a public constructor without parameters");
        }
    }

    private static boolean hasPublicConstructor(Class<?> program) {
        return Modifier.isPublic(program.getModifiers())
                && Arrays.stream(program.getConstructors()).anyMatch(constructor -> constructor.getParameterCount() == 0);
    }

    private static URL[] urls(List<Path> jars) throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (Path jar : jars) {
            urls.add(jar.toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }

    private String required(String key) throws IOException {
        String value = values.getProperty(key);
        if (value == null || value.isBlank()) {
            throw new IOException(file + ": '" + key + "' is missing; 'innerkeep pack --help' lists what the file says");
        }
        return value.strip();
    }

    private List<String> list(String key) {
        return Arrays.stream(values.getProperty(key, "").split(","))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    private long number(String key, String value) throws IOException {
        try {
            return Long.parseLong(value.strip());
        } catch (NumberFormatException e) {
            throw new IOException(file + ": '" + key + "' must be a whole number, found '" + value + "'", e);
        }
    }

    private String mechanism(String name) throws IOException {
        if (!Manifest.MECHANISMS.contains(name)) {
            throw new IOException(file + ": 'demands' must be some of " + new TreeSet<>(Manifest.MECHANISMS) + ", found '" + name + "'");
        }
        if (name.equals(CGROUP)) {
            throw new IOException(file + ": 'demands' names cgroup, which no keeper gives: such a bundle would start nowhere");
        }
        if (name.equals(SECRET_HEAP) && !flag(SECRET_HEAP, "true")) {
            throw new IOException(file + ": 'demands' names secret-heap, and 'secret-heap' is false; leave one of them out");
        }
        return name;
    }

    private boolean flag(String key, String absent) throws IOException {
        String value = values.getProperty(key, absent).strip();
        if (!value.equals("true") && !value.equals("false")) {
            throw new IOException(file + ": '" + key + "' must be true or false, found '" + value + "'");
        }
        return Boolean.parseBoolean(value);
    }

    private int threads(String value) throws IOException {
        long number = number("threads", value);
        if (number < 1 || number > Manifest.MAX_THREADS) {
            throw new IOException(file + ": 'threads' must be 1 to " + Manifest.MAX_THREADS + ", found '" + value + "'");
        }
        return (int) number;
    }

    private long heap(String value) throws IOException {
        String text = value.strip().toLowerCase(Locale.ROOT);
        int shift = text.endsWith("g") ? 30 : text.endsWith("m") ? 20 : 0;
        String digits = shift == 0 ? text : text.substring(0, text.length() - 1);
        long number = number("heap", digits);
        if (number > Long.MAX_VALUE >> shift || number < 0) {
            throw new IOException(file + ": 'heap' must be a size of memory such as 256m or 2g, found '" + value + "'");
        }
        return number << shift;
    }
}
