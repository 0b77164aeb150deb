package org.innerkeep.bundle;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Where the bytes of a packed file come from. They are made anew each time, so that packing needs no temporary files. */
sealed interface PackSource {
    /** Writes the bytes; the same ones each time, as long as the input does not change. Does not close the stream. */
    void writeTo(OutputStream out) throws IOException, BundleException;

    /** A file as it is. */
    record Whole(Path path) implements PackSource {
        @Override
        public void writeTo(OutputStream out) throws IOException {
            Files.copy(path, out);
        }
    }

    /** One entry of a jar. */
    record Entry(Path path, String name, String entry) implements PackSource {
        @Override
        public void writeTo(OutputStream out) throws IOException, BundleException {
            try (Jar jar = Jar.open(path, name); InputStream in = jar.read(entry)) {
                in.transferTo(out);
            }
        }
    }

    /**
     * A jar without some of its entries.
     *
     * <p>Entries are stored, not deflated: what deflate makes differs between versions of zlib. They are sorted, with the jar's manifest
     * first as the jar format wants it, and have no times or attributes of their own.
     */
    record Stripped(Path path, String name, Set<String> without) implements PackSource {
        // Any later time than the first day of 1980, for which the JDK adds the machine's time zone.
        private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

        @Override
        public void writeTo(OutputStream out) throws IOException, BundleException {
            ZipOutputStream zip = new ZipOutputStream(out);
            try (Jar jar = Jar.open(path, name)) {
                List<String> kept = jar.entries().stream()
                        .filter(entry -> !without.contains(entry))
                        .sorted(comparing((String entry) -> !entry.equals(Jar.MANIFEST_ENTRY)).thenComparing(naturalOrder()))
                        .toList();
                for (String name : kept) {
                    ZipEntry entry = new ZipEntry(name);
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(jar.entry(name).getSize());
                    entry.setCrc(jar.entry(name).getCrc());
                    entry.setTimeLocal(TIME);
                    zip.putNextEntry(entry);
                    try (InputStream in = jar.read(name)) {
                        in.transferTo(zip);
                    }
                    zip.closeEntry();
                }
            }
            zip.finish();
        }
    }
}
