package org.innerkeep.bundle;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.innerkeep.bundle.BundleException.Code;

/**
 * A jar, opened the way the JVM opens it: by its central directory. Sizes and names are bounded, since a jar may be a stranger's.
 */
final class Jar implements AutoCloseable {
    static final String MANIFEST_ENTRY = "META-INF/MANIFEST.MF";

    private static final int MAX_ENTRIES = 1 << 18;
    private static final long MAX_UNPACKED_BYTES = 4L << 30;
    private static final int MAX_MANIFEST_BYTES = 1 << 20;

    private final String name;
    private final ZipFile zip;
    private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

    private Jar(String name, ZipFile zip) throws BundleException {
        this.name = name;
        this.zip = zip;
        if (zip.size() > MAX_ENTRIES) {
            throw invalid("expected at most " + MAX_ENTRIES + " entries, found " + zip.size());
        }
        long unpackedBytes = 0;
        for (ZipEntry entry : Collections.list(zip.entries())) {
            if (!isSafe(entry.getName())) {
                throw invalid("expected entries with relative names, found " + Text.quote(entry.getName()));
            }
            if (entries.put(entry.getName(), entry) != null) {
                throw invalid("expected one entry of a name, found two of " + Text.quote(entry.getName()));
            }
            if (entry.getSize() < 0 || entry.getSize() > MAX_UNPACKED_BYTES - unpackedBytes) {
                throw invalid("expected entries of at most " + MAX_UNPACKED_BYTES + " bytes together, found more");
            }
            unpackedBytes += entry.getSize();
        }
    }

    /**
     * Opens a jar and checks its directory.
     *
     * @param name how messages call it
     */
    static Jar open(Path path, String name) throws IOException, BundleException {
        ZipFile zip;
        try {
            zip = new ZipFile(path.toFile());
        } catch (ZipException e) {
            throw new BundleException(Code.JAR_INVALID, name + ": expected a jar, found something else: " + e.getMessage(), e);
        }
        try {
            return new Jar(name, zip);
        } catch (BundleException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    private static boolean isSafe(String entry) {
        return !entry.isEmpty()
                && entry.indexOf('\\') < 0
                && entry.indexOf('\0') < 0
                && !entry.startsWith("/")
                && Arrays.stream(entry.split("/")).noneMatch(part -> part.equals("..") || part.equals("."));
    }

    /** {@return the names of all entries, folders included, as the jar orders them} */
    Set<String> entries() {
        return entries.keySet();
    }

    /** {@return the checksum of an entry as the jar's directory has it} */
    ZipEntry entry(String entry) {
        ZipEntry found = entries.get(entry);
        if (found == null) {
            throw new IllegalArgumentException(name + " has no entry " + Text.quote(entry));
        }
        return found;
    }

    /**
     * Opens an entry for reading. The stream gives no more bytes than the directory says, and refuses an entry that has another
     * number of them.
     */
    InputStream read(String entry) throws IOException {
        return new Exactly(zip.getInputStream(entry(entry)), entry(entry).getSize());
    }

    /** {@return the entries that are native code, by name or by their first bytes} */
    List<String> nativeCode() throws IOException, BundleException {
        List<String> found = new ArrayList<>();
        for (String entry : entries.keySet()) {
            if (!entry.endsWith("/") && (NativeCode.hasNativeName(entry) || NativeCode.hasNativeContent(head(entry)))) {
                found.add(entry);
            }
        }
        return found;
    }

    private byte[] head(String entry) throws IOException, BundleException {
        try (InputStream in = zip.getInputStream(entry(entry))) {
            return in.readNBytes(NativeCode.HEAD_BYTES);
        } catch (ZipException e) {
            throw new BundleException(Code.JAR_INVALID, name + ": cannot read the entry " + Text.quote(entry), e);
        }
    }

    /** {@return other jars that the JVM loads code from because this one's manifest says so, as it names them} */
    Set<String> classPath() throws IOException, BundleException {
        if (!entries.containsKey(MANIFEST_ENTRY)) {
            return Set.of();
        }
        try (InputStream in = read(MANIFEST_ENTRY)) {
            byte[] bytes = in.readNBytes(MAX_MANIFEST_BYTES + 1);
            if (bytes.length > MAX_MANIFEST_BYTES) {
                throw invalid("expected a " + MANIFEST_ENTRY + " of at most " + MAX_MANIFEST_BYTES + " bytes, found more");
            }
            String value = new java.util.jar.Manifest(new ByteArrayInputStream(bytes))
                    .getMainAttributes()
                    .getValue(Attributes.Name.CLASS_PATH);
            Set<String> names = new HashSet<>(value == null ? List.of() : Arrays.asList(value.split(" ")));
            names.remove("");
            return names;
        } catch (IOException e) {
            throw new BundleException(Code.JAR_INVALID, name + ": cannot read its " + MANIFEST_ENTRY, e);
        }
    }

    private BundleException invalid(String problem) {
        return new BundleException(Code.JAR_INVALID, name + ": " + problem);
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    /** A stream of a known length. */
    private static final class Exactly extends FilterInputStream {
        private long left;

        Exactly(InputStream in, long length) {
            super(in);
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = super.read(into, offset, (int) Math.min(length, Math.max(left, 1)));
            left -= Math.max(n, 0);
            if (left < 0 || (n < 0 && left > 0)) {
                throw new ZipException("entry has another size than the jar's directory says");
            }
            return n;
        }

        @Override
        public long skip(long count) throws IOException {
            throw new UnsupportedOperationException("not needed");
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
