package org.innerkeep.inside;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.innerkeep.attestation.ServiceConfiguration;

/**
 * The settings of the service, and the files that they name: in a jar of the bundle, so whoever measures the bundle has measured
 * them.
 */
final class MeasuredSettings {
    /** The folder in the jar. */
    static final String FOLDER = "innerkeep-service";

    /** The settings in the folder. */
    static final String FILE = "service.properties";

    private MeasuredSettings() {}

    /** Reads the settings; the files that they name are read from the jar as long as this process lives. */
    static ServiceConfiguration read(ClassLoader bundle) throws IOException {
        String name = FOLDER + "/" + FILE;
        List<URL> found = Collections.list(bundle.getResources(name));
        if (found.size() != 1) {
            throw new IOException("expected one file " + name + " in the bundle, found " + found.size());
        }
        Path file = path(found.getFirst());
        return ServiceConfiguration.read(file).filesIn(file.resolveSibling(""));
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
