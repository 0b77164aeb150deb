package org.innerkeep.bundle;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a bundle is: its identity, its needs, and the digest of each of its files. The form in bytes is canonical: two manifests are
 * equal exactly when their bytes, and so their {@linkplain #digest() digests}, are.
 *
 * @param name the enclave's name: 1 to 64 lower-case letters, digits and hyphens
 * @param productId which of the signer's products this is, 0 to 2^32-1
 * @param svn the security version, 0 to 2^32-1; a signer raises it when an older version must no longer be trusted
 * @param program the class of the program, a binary name of at most 200 ASCII characters
 * @param heapBytes the most memory for Java objects, 16 MiB to 1 TiB
 * @param threads the most calls at a time, 1 to 65535
 * @param debug whether the enclave may be debugged, so that whoever runs it can read its memory
 * @param secretHeap whether the heap is to lie in secret memory where the machine gives it; otherwise it is ordinary memory
 * @param demands names of the mechanisms that must confine the enclave, sorted, each one of {@link #MECHANISMS}; where one cannot be had,
 *     the enclave is not started
 * @param javaRelease the Java feature release that runs it, 25 to 999
 * @param javaModules the JDK modules it needs, sorted, with {@code java.base}; at most 256
 * @param interfaces what it offers, sorted by side and name; at most 256
 * @param files sorted by path, no two paths equal but for case; 1 to 4096, with a jar among them. The jars in this order are the class
 *     path
 */
public record Manifest(
        String name,
        long productId,
        long svn,
        String program,
        long heapBytes,
        int threads,
        boolean debug,
        boolean secretHeap,
        List<String> demands,
        int javaRelease,
        List<String> javaModules,
        List<OfferedInterface> interfaces,
        List<BundleFile> files) {

    // The limits are chosen so that every manifest that keeps them fits in MAX_BYTES: a manifest that can be made can be read.
    /** The most bytes of a manifest in its canonical form. */
    public static final int MAX_BYTES = 1 << 20;

    /** The most files. */
    public static final int MAX_FILES = 4096;

    /** The least heap. */
    public static final long MIN_HEAP_BYTES = 16L << 20;

    /** The largest heap. */
    public static final long MAX_HEAP_BYTES = 1L << 40;

    /** The largest product id and security version. */
    public static final long MAX_NUMBER = 0xffff_ffffL;

    /** The most calls at a time. */
    public static final int MAX_THREADS = 65535;

    /** The mechanisms that a bundle can demand, by the names of their claims in reports. */
    public static final Set<String> MECHANISMS = Set.of("cgroup", "landlock", "namespaces", "seccomp", Manifest.SECRET_HEAP);

    static final String SECRET_HEAP = "secret-heap";
    static final int MAX_NAME_LENGTH = 64;
    static final int MAX_CLASS_NAME_LENGTH = 200;
    static final int MAX_MODULE_NAME_LENGTH = 128;
    static final int MAX_MODULES = 256;
    static final int MAX_INTERFACES = 256;
    static final int MIN_JAVA_RELEASE = 25;
    static final int MAX_JAVA_RELEASE = 999;

    /**
     * Checks every field and copies the lists.
     *
     * @throws IllegalArgumentException if a field is not as described, naming it
     */
    public Manifest {
        demands = List.copyOf(demands);
        javaModules = List.copyOf(javaModules);
        interfaces = List.copyOf(interfaces);
        files = List.copyOf(files);
        check(
                Text.isSlug(name, MAX_NAME_LENGTH),
                "name: expected 1 to 64 lower-case letters, digits and hyphens, found " + Text.quote(name));
        checkRange("product", productId, 0, MAX_NUMBER);
        checkRange("svn", svn, 0, MAX_NUMBER);
        check(
                Text.isQualifiedName(program, MAX_CLASS_NAME_LENGTH),
                "program: expected the name of a Java class, found " + Text.quote(program));
        checkRange("heap", heapBytes, MIN_HEAP_BYTES, MAX_HEAP_BYTES);
        checkRange("threads", threads, 1, MAX_THREADS);
        for (String mechanism : demands) {
            check(
                    MECHANISMS.contains(mechanism),
                    "demands: expected one of " + new TreeSet<>(MECHANISMS) + ", found " + Text.quote(mechanism));
        }
        checkSorted("demands", demands, Comparator.naturalOrder());
        check(secretHeap || !demands.contains(SECRET_HEAP), "demands: expected no secret-heap where the heap is ordinary memory");
        checkRange("java", javaRelease, MIN_JAVA_RELEASE, MAX_JAVA_RELEASE);

        checkRange("number of java modules", javaModules.size(), 1, MAX_MODULES);
        for (String module : javaModules) {
            check(
                    Text.isQualifiedName(module, MAX_MODULE_NAME_LENGTH),
                    "module: expected the name of a Java module, found " + Text.quote(module));
        }
        checkSorted("module", javaModules, Comparator.naturalOrder());
        check(javaModules.contains("java.base"), "module: expected java.base among them");

        checkRange("number of interfaces", interfaces.size(), 0, MAX_INTERFACES);
        checkSorted("interface", interfaces, OfferedInterface.ORDER);

        checkRange("number of files", files.size(), 1, MAX_FILES);
        checkSorted("file", files, Comparator.comparing(BundleFile::path));
        Set<String> seen = new HashSet<>();
        for (BundleFile file : files) {
            check(
                    seen.add(file.path().toLowerCase(Locale.ROOT)),
                    "file " + file.path() + ": expected paths that differ in more than case, found another one");
        }
        check(files.stream().anyMatch(BundleFile::isJar), "file: expected at least one jar under lib/");
    }

    /**
     * Reads the canonical form.
     *
     * @param bytes the whole manifest, from its format line to the line feed after its last file
     * @return the manifest, for which {@link #toBytes} gives the same bytes again
     * @throws BundleException {@code MALFORMED}, {@code UNSUPPORTED} or {@code TOO_LARGE}
     */
    public static Manifest parse(byte[] bytes) throws BundleException {
        return ManifestText.parse(bytes);
    }

    /** {@return the canonical form, at most {@link #MAX_BYTES} of ASCII} */
    public byte[] toBytes() {
        return ManifestText.write(this);
    }

    /** {@return the bundle digest: SHA-256 of {@link #toBytes}} */
    public Digest digest() {
        return Digest.sha256(toBytes());
    }

    /** {@return the size of all files together} */
    public long totalBytes() {
        return files.stream().mapToLong(BundleFile::sizeBytes).sum();
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    private static void checkRange(String field, long found, long min, long max) {
        check(found >= min && found <= max, field + ": expected " + min + " to " + max + ", found " + found);
    }

    private static <T> void checkSorted(String field, List<T> list, Comparator<? super T> order) {
        for (int i = 1; i < list.size(); i++) {
            check(
                    order.compare(list.get(i - 1), list.get(i)) < 0,
                    field + ": expected ascending order without repetition, found another order at number " + (i + 1));
        }
    }
}
