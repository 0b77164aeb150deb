package org.innerkeep.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.innerkeep.examples.hospitals.Wisconsin;

/** The records of the three hospitals. */
final class Patients {
    private static final String TABLE = "examples/hospitals/data/breast_cancer.csv";

    private Patients() {}

    /** Each hospital's name and table; the table lies in the source checkout, in no jar. */
    static Map<String, byte[]> split() throws IOException {
        Path table = Path.of(System.getProperty("innerkeep.home", "."), TABLE);
        if (!Files.isReadable(table)) {
            throw new IOException(table + " was not found: run the demonstration from a source checkout, with ./innerkeep demo");
        }
        Map<String, byte[]> hospitals = new LinkedHashMap<>();
        Wisconsin.split(table)
                .forEach((name, text) -> hospitals.put(name, text.getBytes(StandardCharsets.US_ASCII)));
        return hospitals;
    }
}
