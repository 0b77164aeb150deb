package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Packer;

/** Packs an example's jars as {@code innerkeep pack} does, for the demonstration. */
public final class Packing {
    private Packing() {}

    /**
     * Reads a properties file and measures jars, the runtime's own among them.
     *
     * @param properties as of {@code innerkeep pack}
     * @param jars the program's jars
     * @return ready to be signed
     * @throws IOException if a file cannot be read or says something wrong
     * @throws BundleException if the jars cannot be packed
     */
    public static Packer prepare(Path properties, List<Path> jars) throws IOException, BundleException {
        List<Path> all = new ArrayList<>(jars);
        all.addAll(SdkJars.find());
        return PackProperties.read(properties).packer(all);
    }

    /**
     * The JDK modules that a properties file names, as a bundle of it would.
     *
     * @param properties as of {@code innerkeep pack}
     * @return sorted names
     * @throws IOException if the file cannot be read or says something wrong
     */
    public static List<String> modules(Path properties) throws IOException {
        return PackProperties.read(properties).modules();
    }

    /**
     * The jars that an example's enclave needs.
     *
     * @param folder where all jars of the command lie
     * @param example the example's name
     * @return its enclave jar and the libraries that run inside
     * @throws IOException if one is missing
     */
    public static List<Path> jars(Path folder, String example) throws IOException {
        List<Path> found = new ArrayList<>();
        try (var all = Files.list(folder)) {
            for (Path jar : all.sorted().toList()) {
                String name = jar.getFileName().toString();
                if (name.matches("innerkeep-example-" + example + "-.*-enclave\\.jar")
                        || (example.equals("hospitals") && name.matches("(xgboost4j|commons-logging|kryo).*\\.jar"))) {
                    found.add(jar);
                }
            }
        }
        if (found.isEmpty()) {
            throw new IOException("the enclave jar of " + example + " is not in " + folder + ": build with 'mvn package'");
        }
        return found;
    }
}
