package org.innerkeep.inside;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * The settings of the service, and the files that they name: in a jar of the bundle, so whoever measures the bundle has measured
 * them.
 */
final class MeasuredSettings {
    /** The folder in the jar. */
    static final String FOLDER = "innerkeep-service";

    /** The settings in the folder. */
    static final String FILE = "service.properties";

    /** Says of one start what it accepts, and nothing of the service. */
    static final String ACCEPTED = "enclave-accept-state";

    private static final String PROFILE = "tag:innerkeep.org,2026:service-settings/1";

    private MeasuredSettings() {}

    /**
     * What was read.
     *
     * @param configuration the settings; files that they name are read from the jar as long as this process lives
     * @param digest of all of it
     */
    record Read(ServiceConfiguration configuration, Bytes digest) {}

    static Read read(ClassLoader bundle) throws IOException {
        String name = FOLDER + "/" + FILE;
        List<URL> found = Collections.list(bundle.getResources(name));
        if (found.size() != 1) {
            throw new IOException("expected one file " + name + " in the bundle, found " + found.size());
        }
        Path file = path(found.getFirst());
        ServiceConfiguration configuration = ServiceConfiguration.read(file).filesIn(file.resolveSibling(""));
        return new Read(configuration, digest(configuration, filesBeside(file)));
    }

    /**
     * Tells settings apart: all of them, with the files that they name, but what is accepted for one start.
     *
     * @param configuration the settings
     * @param files digests of the files, by their names
     * @return SHA-256
     */
    static Bytes digest(ServiceConfiguration configuration, SortedMap<String, Bytes> files) {
        SortedMap<String, String> settings = new TreeMap<>();
        for (String each : configuration.names()) {
            if (!each.equals(ACCEPTED)) {
                configuration.text(each).ifPresent(value -> settings.put(each, value));
            }
        }
        CborWriter writer = new CborWriter().array(3).text(PROFILE).array(settings.size());
        settings.forEach((name, value) -> writer.array(2).text(name).text(value));
        writer.array(files.size());
        files.forEach((name, digest) -> writer.array(2).text(name).bytes(digest.toArray()));
        return Bytes.sha256(writer.toByteArray());
    }

    private static SortedMap<String, Bytes> filesBeside(Path settings) throws IOException {
        SortedMap<String, Bytes> digests = new TreeMap<>();
        Path folder = settings.toAbsolutePath().resolveSibling("");
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(each.toAbsolutePath()).toString();
                if (!name.equals(FILE)) {
                    digests.put(name, Bytes.sha256(Files.readAllBytes(each)));
                }
            }
        }
        return digests;
    }

    private static Path path(URL url) throws IOException {
        try {
            URI uri = url.toURI();
            if (!uri.getScheme().equals("jar")) {
                return Path.of(uri);
            }
            String text = uri.getSchemeSpecificPart();
            int inside = text.indexOf("!/");
            return FileSystems.newFileSystem(Path.of(URI.create(text.substring(0, inside)))).getPath(text.substring(inside + 1));
        } catch (URISyntaxException e) {
            throw new IOException("the bundle's settings cannot be found: " + e.getMessage(), e);
        }
    }
}
