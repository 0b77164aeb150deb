package org.innerkeep.packing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Packer;

/**
 * Jars and a properties file, checked and measured, ready to be written as a bundle.
 *
 * <p>The same jars and settings give the same bundle digest on any machine with the same JDK build. Instances are immutable and safe
 * for use by several threads.
 */
public final class Packing {
    private final Packer packer;
    private final List<String> notes;

    private Packing(Packer packer, List<String> notes) {
        this.packer = packer;
        this.notes = List.copyOf(notes);
    }

    /**
     * Reads a properties file and measures jars. The runtime's own jars (enclave, channel, evidence) are added where they are not among
     * them.
     *
     * @param properties the file that says what the enclave is; the keys are those that {@code innerkeep pack --help} lists
     * @param jars the program's jars, at least one
     * @param sbom the bill of materials to carry, CycloneDX in JSON, if there is one
     * @return ready to be signed
     * @throws IOException if a file cannot be read or says something wrong
     * @throws BundleException if the jars cannot be packed
     */
    public static Packing prepare(Path properties, List<Path> jars, Optional<Path> sbom) throws IOException, BundleException {
        PackProperties settings = PackProperties.read(properties);
        List<Path> all = withSdk(jars);
        List<String> notes = new ArrayList<>();
        if (!settings.namesModules()) {
            settings = settings.withModules(NeededModules.of(all));
            notes.add("modules " + String.join(", ", settings.modules())
                    + " (computed by jdeps; 'modules' in " + properties.getFileName() + " names others)");
        }
        Packer packer = settings.packer(all, sbom);
        notes.addAll(Sizing.of(packer.manifest(), all));
        return new Packing(packer, notes);
    }

    /** {@return what writes the bundle} */
    public Packer packer() {
        return packer;
    }

    /** {@return what whoever packs should know besides, a line each} */
    public List<String> notes() {
        return notes;
    }

    /**
     * Prepares as {@link #prepare(Path, List, Optional)} does, without a bill of materials.
     *
     * @param properties the file that says what the enclave is
     * @param jars the program's jars, at least one
     * @return ready to be signed
     * @throws IOException if a file cannot be read or says something wrong
     * @throws BundleException if the jars cannot be packed
     */
    public static Packing prepare(Path properties, List<Path> jars) throws IOException, BundleException {
        return prepare(properties, jars, Optional.empty());
    }

    private static List<Path> withSdk(List<Path> jars) throws IOException {
        List<Path> all = new ArrayList<>(jars);
        for (Path own : SdkJars.find()) {
            // A build's dependencies hold them already. Another jar of that name would be another version: the packer refuses the clash.
            boolean given = false;
            for (Path jar : jars) {
                given |= own.getFileName().equals(jar.getFileName()) && Files.mismatch(own, jar) < 0;
            }
            if (!given) {
                all.add(own);
            }
        }
        return all;
    }
}
