package org.innerkeep.evidence;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Published test vectors, which stand beside the repository and not in it. Tests that miss them are skipped, loudly. */
public final class SharedVectors {
    private SharedVectors() {}

    /** The JSON files of a folder in the order of their names. */
    public static List<Path> jsonFiles(String folder) {
        try (Stream<Path> files = Files.list(find(folder))) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Json json(Path file) {
        try {
            return Json.parse(Files.readString(file));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Path find(String path) {
        String shared = System.getenv("INNERKEEP_SHARED");
        Path root = shared != null ? Path.of(shared) : Path.of(System.getProperty("innerkeep.root", "."), "..", "shared");
        Path found = root.resolve("standards").resolve(path);
        if (!Files.exists(found)) {
            Assumptions.abort("test vectors " + path + " are missing; set INNERKEEP_SHARED to the folder that has them");
        }
        return found;
    }
}
