package org.innerkeep.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/** A job of two made-up owners, small and the same in every run. */
public final class Owners {
    /** The job template. */
    public static final String JOB =
            """
            {"innerkeep-job-template": 1, "name": "made-up", "columns": ["height", "weight", "pulse"], "label": "ill",
             "parameters": {"rounds": 20, "maxDepth": 2, "learningRate": 0.2, "heldOut": 0.5},
             "minimumRecords": 40, "owners": ["south", "operator"]}
            """;

    private Owners() {}

    /**
     * Writes {@code job.json} and a folder {@code data} with the owners' tables; the second owner is called like a party of
     * the demonstration.
     *
     * @param folder where
     * @throws IOException if it cannot
     */
    public static void write(Path folder) throws IOException {
        Files.writeString(folder.resolve("job.json"), JOB);
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.writeString(data.resolve("south.csv"), table(new Random(1)));
        Files.writeString(data.resolve("operator.csv"), table(new Random(2)));
    }

    private static String table(Random random) {
        StringBuilder csv = new StringBuilder("height,weight,pulse,ill\n");
        for (int i = 0; i < 60; i++) {
            double height = 170 + 12 * random.nextGaussian();
            double weight = 70 + 15 * random.nextGaussian();
            double pulse = 75 + 10 * random.nextGaussian();
            boolean ill = weight - height / 2 + 5 * random.nextGaussian() > -15;
            csv.append(String.format(Locale.ROOT, "%.2f,%.2f,%.1f,%d%n", height, weight, pulse, ill ? 1 : 0));
        }
        return csv.toString();
    }
}
