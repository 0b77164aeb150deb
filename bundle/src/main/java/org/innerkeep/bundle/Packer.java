package org.innerkeep.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipException;
import org.innerkeep.bundle.BundleException.Code;
import org.innerkeep.bundle.OfferedInterface.Side;

/**
 * Makes a bundle from jars, native libraries and settings. The same inputs give the same manifest on any machine, whatever folders
 * they lie in, in whatever order they are given and whenever they were built.
 *
 * <pre>{@code
 * Packer packer = Packer.builder("fraud", "com.acme.FraudEnclave")
 *         .product(7)
 *         .svn(3)
 *         .jar(Path.of("target/fraud.jar"))
 *         .jar(Path.of("lib/xgboost4j.jar"))
 *         .nativeLibrary("linux-x86_64", "lib/linux/x86_64/libxgboost4j.so")
 *         .dropNative("lib/macos/")
 *         .build();
 * packer.write(Path.of("fraud.enclave"), key);
 * }</pre>
 *
 * <p>With a key that is somewhere else, carry {@link #toBeSigned} there and give the signature to
 * {@link #write(Path, SignerKey, byte[])}; or {@linkplain #writeUnsigned write the bundle unsigned} and sign it later.
 *
 * <p>A jar is packed byte for byte as it is, so that its digest can be compared with the one its maker publishes. A jar that holds
 * native code, which cannot be loaded from within a jar, is written anew without it: every such entry has to be named, either as
 * a library of a platform, which is then a measured file by itself, or as dropped.
 *
 * <p>Instances are immutable and safe for use by several threads. The inputs are read by {@link Builder#build} and again by
 * {@code write}, which refuses one that has changed in between.
 */
public final class Packer {
    private final Manifest manifest;
    private final Map<String, PackSource> sources;

    private Packer(Manifest manifest, Map<String, PackSource> sources) {
        this.manifest = manifest;
        this.sources = sources;
    }

    /**
     * Starts a bundle.
     *
     * @param name the enclave's name, see {@link Manifest#name}
     * @param program the class of its program, see {@link Manifest#program}
     * @return a builder
     */
    public static Builder builder(String name, String program) {
        return new Builder(name, program);
    }

    /** {@return what the bundle will be; its {@link Manifest#digest} is the bundle digest} */
    public Manifest manifest() {
        return manifest;
    }

    /** {@return the bytes that a {@link BundleSigner} signs: a label of this format, then the manifest} */
    public byte[] toBeSigned() {
        return BundleReader.toBeSigned(manifest.toBytes());
    }

    /**
     * Signs and writes the bundle.
     *
     * @param file where to; replaced as a whole when the bundle is complete, untouched if it is not
     * @param signer whose bundle it is
     * @throws BundleException {@code INPUT_CHANGED}, or {@code SIGNATURE_INVALID} if the signer did not sign with its own key
     * @throws GeneralSecurityException if the signer cannot sign
     * @throws IOException if an input cannot be read or the file not written
     */
    public void write(Path file, BundleSigner signer) throws IOException, BundleException, GeneralSecurityException {
        write(file, signer.publicKey(), signer.sign(toBeSigned()));
    }

    /**
     * Writes the bundle with a signature made elsewhere.
     *
     * @param file where to; replaced as a whole when the bundle is complete, untouched if it is not
     * @param signer the public key of whoever signed
     * @param signature over {@link #toBeSigned}, in the form of {@link BundleSigner#sign}
     * @throws BundleException {@code SIGNATURE_INVALID} if it is not that, or {@code INPUT_CHANGED}
     * @throws IOException if an input cannot be read or the file not written
     */
    public void write(Path file, SignerKey signer, byte[] signature) throws IOException, BundleException {
        WholeFile.write(file, out -> write(out, signer, signature));
    }

    /**
     * Writes the bundle without a signature, for a key that is somewhere else. Nobody starts or trusts it until it is signed, see
     * {@link SignableBundle}.
     *
     * @param file where to; replaced as a whole when the bundle is complete, untouched if it is not
     * @throws BundleException {@code INPUT_CHANGED}
     * @throws IOException if an input cannot be read or the file not written
     */
    public void writeUnsigned(Path file) throws IOException, BundleException {
        WholeFile.write(file, out -> {
            BundleReader.writeUnsignedHeader(out, manifest.toBytes());
            writeFiles(out);
        });
    }

    /**
     * Writes the bundle to a stream, as {@link #write(Path, SignerKey, byte[])} does to a file.
     *
     * @param out where to; not closed. After a failure it holds an incomplete bundle, which no reader accepts
     * @param signer the public key of whoever signed
     * @param signature over {@link #toBeSigned}
     * @throws BundleException {@code SIGNATURE_INVALID} or {@code INPUT_CHANGED}
     * @throws IOException if an input cannot be read or the stream fails
     */
    public void write(OutputStream out, SignerKey signer, byte[] signature) throws IOException, BundleException {
        if (!signer.verify(toBeSigned(), signature)) {
            throw new BundleException(
                    Code.SIGNATURE_INVALID,
                    "packing " + manifest.name() + ": the signature is not of this manifest by the key " + signer.id().shortHex());
        }
        BundleReader.writeHeader(out, manifest.toBytes(), signer, signature);
        writeFiles(out);
    }

    private void writeFiles(OutputStream out) throws IOException, BundleException {
        for (BundleFile file : manifest.files()) {
            PackSource source = sources.get(file.path());
            if (source == null) {
                throw new IllegalStateException("no source of " + file.path());
            }
            if (!measure(file.path(), source, out).equals(file)) {
                throw new BundleException(
                        Code.INPUT_CHANGED, file.path() + ": its input has changed since it was measured; pack again");
            }
        }
    }

    private static BundleFile measure(String path, PackSource source, OutputStream out) throws IOException, BundleException {
        Counting counting = new Counting(out);
        DigestOutputStream digesting = new DigestOutputStream(counting, Digest.newSha256());
        try {
            source.writeTo(digesting);
        } catch (ZipException e) {
            throw new BundleException(Code.JAR_INVALID, path + ": its input is not a sound jar: " + e.getMessage(), e);
        }
        if (counting.bytes > BundleFile.MAX_SIZE_BYTES) {
            throw new BundleException(Code.TOO_LARGE, path + ": expected at most " + BundleFile.MAX_SIZE_BYTES + " bytes, found more");
        }
        return new BundleFile(path, counting.bytes, Digest.finish(digesting.getMessageDigest()));
    }

    private static final class Counting extends OutputStream {
        private final OutputStream out;
        private long bytes;

        Counting(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            bytes++;
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            out.write(from, offset, length);
            bytes += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }

    /** Collects what a bundle is made from. Not safe for use by several threads. */
    public static final class Builder {
        private static final long DEFAULT_HEAP_BYTES = 256L << 20;
        private static final int DEFAULT_THREADS = 16;
        private static final int DEFAULT_JAVA_RELEASE = 25;

        private final String name;
        private final String program;
        private long product;
        private long svn;
        private long heapBytes = DEFAULT_HEAP_BYTES;
        private int threads = DEFAULT_THREADS;
        private boolean debug;
        private boolean secretHeap = true;
        private final SortedSet<String> demands = new TreeSet<>();
        private int javaRelease = DEFAULT_JAVA_RELEASE;
        private final SortedSet<String> modules = new TreeSet<>(Set.of("java.base"));
        private final SortedSet<OfferedInterface> interfaces = new TreeSet<>(OfferedInterface.ORDER);
        private final List<Input> jars = new ArrayList<>();
        /** Files that are packed as they are: native libraries and what is under meta. */
        private final List<Input> others = new ArrayList<>();
        /** Jar entry to the folder of its platform. */
        private final Map<String, String> nativeEntries = new LinkedHashMap<>();

        private final Set<String> dropped = new HashSet<>();

        /** A file and its path in the bundle. */
        private record Input(Path file, String path) {}

        private Builder(String name, String program) {
            this.name = name;
            this.program = program;
        }

        /**
         * Sets which of the signer's products this is; 0 if not set.
         *
         * @param productId 0 to 2^32-1
         * @return this
         */
        public Builder product(long productId) {
            this.product = productId;
            return this;
        }

        /**
         * Sets the security version; 0 if not set.
         *
         * @param svn 0 to 2^32-1
         * @return this
         */
        public Builder svn(long svn) {
            this.svn = svn;
            return this;
        }

        /**
         * Sets the most memory for Java objects; 256 MiB if not set.
         *
         * @param bytes 16 MiB to 1 TiB
         * @return this
         */
        public Builder heapBytes(long bytes) {
            this.heapBytes = bytes;
            return this;
        }

        /**
         * Sets the most calls at a time; 16 if not set.
         *
         * @param threads 1 to 65535
         * @return this
         */
        public Builder threads(int threads) {
            this.threads = threads;
            return this;
        }

        /**
         * Sets whether the enclave may be debugged, so that whoever runs it can read its memory; it may not if not set.
         *
         * @param debug whether it may
         * @return this
         */
        public Builder debug(boolean debug) {
            this.debug = debug;
            return this;
        }

        /**
         * Sets whether the heap is to lie in secret memory where the machine gives it; it is if not set.
         *
         * @param secret false for a heap of ordinary memory on every machine
         * @return this
         */
        public Builder secretHeap(boolean secret) {
            this.secretHeap = secret;
            return this;
        }

        /**
         * Demands that a mechanism confines the enclave: where it cannot be had, the enclave is not started.
         *
         * @param mechanism one of {@link Manifest#MECHANISMS}
         * @return this
         */
        public Builder demands(String mechanism) {
            demands.add(mechanism);
            return this;
        }

        /**
         * Sets the Java feature release that runs the enclave; 25 if not set.
         *
         * @param featureRelease 25 to 999
         * @return this
         */
        public Builder javaRelease(int featureRelease) {
            this.javaRelease = featureRelease;
            return this;
        }

        /**
         * Adds a JDK module that the enclave needs. {@code java.base} is always there.
         *
         * @param module its name
         * @return this
         */
        public Builder javaModule(String module) {
            modules.add(module);
            return this;
        }

        /**
         * Adds an interface that the program offers.
         *
         * @param side to whom
         * @param interfaceName its binary name
         * @param schema the digest of its methods and types
         * @return this
         * @throws IllegalArgumentException if it was added before for the same side, or the name is not one
         */
        public Builder offers(Side side, String interfaceName, Digest schema) {
            if (!interfaces.add(new OfferedInterface(side, interfaceName, schema))) {
                throw new IllegalArgumentException("interface " + interfaceName + ": added twice for the side " + side);
            }
            return this;
        }

        /**
         * Adds a jar to the class path, under its own file name.
         *
         * @param file the jar
         * @return this
         */
        public Builder jar(Path file) {
            return jar(file, String.valueOf(file.getFileName()));
        }

        /**
         * Adds a jar to the class path. The class path is sorted by name.
         *
         * @param file the jar
         * @param jarName its name in the bundle, ending in {@code .jar}
         * @return this
         */
        public Builder jar(Path file, String jarName) {
            jars.add(new Input(file, "lib/" + jarName));
            return this;
        }

        /**
         * Has a jar's native library unpacked, so that it is a file by itself, {@code native/PLATFORM/NAME}, and no longer in the
         * jar.
         *
         * @param platform like {@code linux-x86_64}
         * @param entry its full name in the one jar that holds it
         * @return this
         */
        public Builder nativeLibrary(String platform, String entry) {
            nativeEntries.put(entry, platform);
            return this;
        }

        /**
         * Adds a native library that is not in a jar, under its own file name.
         *
         * @param platform like {@code linux-x86_64}
         * @param file the library
         * @return this
         */
        public Builder nativeFile(String platform, Path file) {
            others.add(new Input(file, nativePath(platform, String.valueOf(file.getFileName()))));
            return this;
        }

        /**
         * Adds the bill of materials, {@value Bundle#SBOM}. It is covered by the bundle digest, and nothing of it runs.
         *
         * @param file CycloneDX in JSON, at most {@link BundleFile#MAX_META_BYTES}; its content is not checked here
         * @return this
         */
        public Builder sbom(Path file) {
            others.add(new Input(file, Bundle.SBOM));
            return this;
        }

        /**
         * Has native code left out: for platforms that the enclave never runs on, or for parts of a library that it never uses.
         *
         * @param entry its full name in a jar; or a folder, ending in a slash, for all native code in and below it
         * @return this
         */
        public Builder dropNative(String entry) {
            dropped.add(entry);
            return this;
        }

        /**
         * Reads and measures the inputs.
         *
         * @return what is needed to write the bundle
         * @throws BundleException {@code JAR_INVALID}, {@code JAR_LOADS_FOREIGN_CODE}, {@code NATIVE_CODE_UNDECLARED},
         *     {@code DECLARATION_UNUSED}, {@code PROGRAM_MISSING}, {@code NAME_CLASH}, {@code TOO_LARGE}
         * @throws IllegalArgumentException if a setting or a file's name is not one that a {@link Manifest} can have
         * @throws IOException if an input cannot be read
         */
        public Packer build() throws IOException, BundleException {
            SortedMap<String, PackSource> sources = new TreeMap<>();
            Map<String, String> owners = new HashMap<>();
            Set<String> jarNames = new HashSet<>();
            jars.forEach(jar -> jarNames.add(jar.path().substring("lib/".length())));
            Set<String> unused = new TreeSet<>(nativeEntries.keySet());
            unused.addAll(dropped);
            boolean programFound = false;

            for (Input input : jars) {
                try (Jar jar = Jar.open(input.file(), input.path())) {
                    checkClassPath(input, jar, jarNames);
                    programFound |= jar.entries().contains(program.replace('.', '/') + ".class");
                    List<String> nativeCode = jar.nativeCode();
                    checkDeclared(input, nativeCode);
                    add(sources, owners, input.path(), input.file(), nativeCode.isEmpty()
                            ? new PackSource.Whole(input.file())
                            : new PackSource.Stripped(input.file(), input.path(), Set.copyOf(nativeCode)));
                    for (String entry : nativeCode) {
                        unused.remove(entry);
                        unused.removeIf(name -> isDroppedBy(name, entry));
                        String platform = nativeEntries.get(entry);
                        if (platform != null) {
                            String fileName = entry.substring(entry.lastIndexOf('/') + 1);
                            add(sources, owners, nativePath(platform, fileName), input.file(),
                                    new PackSource.Entry(input.file(), input.path(), entry));
                        }
                    }
                }
            }
            if (!programFound) {
                throw new BundleException(
                        Code.PROGRAM_MISSING,
                        "program " + Text.quote(program) + ": expected its class in one of the jars, found it in none");
            }
            if (!unused.isEmpty()) {
                throw new BundleException(
                        Code.DECLARATION_UNUSED,
                        "native code: expected each declared or dropped entry in a jar, found none named " + String.join(", ", unused));
            }
            for (Input input : others) {
                add(sources, owners, input.path(), input.file(), new PackSource.Whole(input.file()));
            }

            List<BundleFile> files = new ArrayList<>();
            for (Map.Entry<String, PackSource> source : sources.entrySet()) {
                files.add(measure(source.getKey(), source.getValue(), OutputStream.nullOutputStream()));
            }
            Manifest manifest = new Manifest(
                    name, product, svn, program, heapBytes, threads, debug, secretHeap, List.copyOf(demands), javaRelease,
                    List.copyOf(modules),
                    List.copyOf(interfaces), files);
            return new Packer(manifest, sources);
        }

        private static void add(
                Map<String, PackSource> sources, Map<String, String> owners, String path, Path input, PackSource source)
                throws BundleException {
            String other = owners.put(path.toLowerCase(Locale.ROOT), input.toString());
            if (other != null) {
                throw new BundleException(
                        Code.NAME_CLASH,
                        path + ": expected one input for it, found " + other + " and " + input + "; rename one");
            }
            sources.put(path, source);
        }

        /** A jar's manifest may name further jars for the class path, by any path. Nobody measures what lies there. */
        private static void checkClassPath(Input input, Jar jar, Set<String> jarNames) throws IOException, BundleException {
            Set<String> foreign = new TreeSet<>(jar.classPath());
            foreign.removeAll(jarNames);
            if (!foreign.isEmpty()) {
                throw new BundleException(
                        Code.JAR_LOADS_FOREIGN_CODE,
                        input.path() + ": expected a Class-Path of jars in the bundle, found " + Text.quote(String.join(" ", foreign))
                                + "; add these jars or remove the attribute from " + Jar.MANIFEST_ENTRY);
            }
        }

        private void checkDeclared(Input input, List<String> nativeCode) throws BundleException {
            List<String> undeclared = nativeCode.stream()
                    .filter(entry -> !nativeEntries.containsKey(entry) && dropped.stream().noneMatch(name -> isDroppedBy(name, entry)))
                    .sorted()
                    .map(Text::plain)
                    .toList();
            if (!undeclared.isEmpty()) {
                throw new BundleException(
                        Code.NATIVE_CODE_UNDECLARED,
                        input.path() + ": expected all native code in it to be declared, found " + String.join(", ", undeclared)
                                + "; declare each as a native library of a platform (such as linux-x86_64), or drop it");
            }
        }

        private static boolean isDroppedBy(String name, String entry) {
            return name.endsWith("/") ? entry.startsWith(name) : entry.equals(name);
        }

        private static String nativePath(String platform, String fileName) {
            return "native/" + platform + "/" + fileName;
        }
    }
}
