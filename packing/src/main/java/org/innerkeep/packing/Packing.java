package org.innerkeep.packing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Packer;

/** Packs an enclave: reads what it is, finds what it needs, measures it. */
public final class Packing {
    private Packing() {}

    /**
     * Reads a properties file and measures jars.
     *
     * @param properties what the enclave is; {@code innerkeep pack --help} lists its keys
     * @param jars the program's jars. The jars of the runtime are added, unless one of these is the runtime's {@code enclave}
     *     jar: then the runtime is the one given
     * @return ready to be signed
     * @throws IOException if a file cannot be read or says something wrong
     * @throws BundleException if the jars cannot be packed
     */
    public static Packer prepare(Path properties, List<Path> jars) throws IOException, BundleException {
        return prepare(properties, jars, Optional.empty());
    }

    /**
     * Reads a properties file and measures jars, with a list of what they are made from.
     *
     * @param properties what the enclave is
     * @param jars the program's jars, as for {@link #prepare(Path, List)}
     * @param sbom CycloneDX in JSON, if there is one
     * @return ready to be signed
     * @throws IOException if a file cannot be read or says something wrong
     * @throws BundleException if the jars cannot be packed
     */
    public static Packer prepare(Path properties, List<Path> jars, Optional<Path> sbom) throws IOException, BundleException {
        List<Path> all = new ArrayList<>(jars);
        if (!SdkJars.among(jars)) {
            all.addAll(SdkJars.find());
        }
        return PackProperties.read(properties).packer(all, sbom);
    }

    /**
     * The JDK modules that a properties file names, as a bundle of it would.
     *
     * @param properties what the enclave is; it must name its modules
     * @return sorted names
     * @throws IOException if the file cannot be read or says something wrong
     */
    public static List<String> modules(Path properties) throws IOException {
        return PackProperties.read(properties).modules();
    }
}
