package org.innerkeep.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The examples' jars among those of the command. */
final class ExampleJars {
    private ExampleJars() {}

    /** {@return an example's enclave jar and the libraries that run inside} */
    static List<Path> find(Path folder, String example) throws IOException {
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
