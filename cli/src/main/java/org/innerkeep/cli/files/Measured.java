package org.innerkeep.cli.files;

import java.io.IOException;
import java.nio.file.Path;
import org.innerkeep.bundle.Manifest;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.keeper.LaunchConfiguration;
import org.innerkeep.keeper.Runtimes;

/**
 * What a bundle measures to on the process platform, with the JDK build that computes it.
 *
 * @param bundle the bundle digest
 * @param runtime the digest of the runtime that is linked for it
 * @param launch the digest of the launch configuration
 * @param measurement of all of these
 */
public record Measured(Bytes bundle, Bytes runtime, Bytes launch, Measurement measurement) {
    /**
     * Measures, with this JDK build.
     *
     * @param manifest of the bundle
     * @param runtimes where linked runtimes are kept; one that is not there yet is linked, which takes seconds
     * @return the measurement
     * @throws IOException if the bundle needs another Java release, or the runtime cannot be linked
     */
    public static Measured here(Manifest manifest, Path runtimes) throws IOException {
        if (manifest.javaRelease() != Runtime.version().feature()) {
            throw new IOException("the bundle needs Java " + manifest.javaRelease() + ", this is Java " + Runtime.version().feature());
        }
        Bytes bundle = Bytes.of(manifest.digest().toArray());
        Bytes runtime = Runtimes.measure(new Runtimes(runtimes).obtain(manifest.javaModules()));
        Bytes launch = LaunchConfiguration.of(manifest).digest();
        return new Measured(bundle, runtime, launch, KeeperReport.processMeasurement("process", bundle, runtime, launch));
    }
}
