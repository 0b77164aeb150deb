package org.innerkeep.examples.hospitals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.innerkeep.channel.job.JobCode;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobParameter;
import org.innerkeep.channel.job.JobTemplate;

/**
 * The Wisconsin diagnostic breast cancer table (Wolberg, Street and Mangasarian; CC BY 4.0; see {@code ATTRIBUTION.md} beside
 * it), split among three hospitals as patients might be: by how advanced the tumour is. A screening centre sees small tumours
 * and hardly a malignant one, an oncology clinic large ones and hardly a benign one, a district hospital the few between.
 * Each of them alone has seen only a part of what it has to judge.
 *
 * <p>The table is a file and not a resource of this jar, so that no patient is in the bundle that goes to the operator.
 */
public final class Wisconsin {
    /** The column that is to be predicted; 1 means malignant. */
    public static final String LABEL = "malignant";

    private static final List<String> MEASURES = List.of(
            "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points",
            "symmetry", "fractal dimension");
    private static final List<String> HOSPITALS = List.of("district", "oncology", "screening");
    private static final int PATIENTS = 569;
    private static final double SMALL = 13;
    private static final double LARGE = 15;

    private Wisconsin() {}

    /** {@return the names of the 30 features, in order} */
    public static List<String> columns() {
        return Stream.of("mean ", "error of ", "worst ")
                .flatMap(prefix -> MEASURES.stream().map(prefix::concat))
                .toList();
    }

    /** {@return the job that fits this table, before there is code and before anybody has keys} */
    public static JobTemplate template() {
        Map<String, JobParameter> parameters = new LinkedHashMap<>();
        parameters.put("rounds", JobParameter.number("80"));
        parameters.put("maxDepth", JobParameter.number("2"));
        parameters.put("learningRate", JobParameter.number("0.1"));
        parameters.put("heldOut", JobParameter.number("0.5"));
        return new JobTemplate("wisconsin", columns(), LABEL, parameters, 100, HOSPITALS);
    }

    /**
     * Begins the job that fits this table: columns, label and parameters; owners and recipients are still to be added.
     *
     * @param code the code that may do the job
     * @return a draft
     */
    public static JobDraft draft(JobCode code) {
        return template().draft(code);
    }

    /**
     * Reads the table and splits it.
     *
     * @param table the file, unchanged as scikit-learn distributes it
     * @return the CSV file of each hospital by the hospital's name: {@code district}, {@code oncology}, {@code screening}
     * @throws IOException if it cannot be read, or is another file
     */
    public static Map<String, String> split(Path table) throws IOException {
        List<String> lines = Files.readAllLines(table, StandardCharsets.US_ASCII);
        if (lines.size() != PATIENTS + 1 || !lines.getFirst().equals("569,30,malignant,benign")) {
            throw new IOException(table + ": expected the Wisconsin table as scikit-learn distributes it, found another file");
        }
        String header = String.join(",", columns()) + "," + LABEL + "\n";
        Map<String, StringBuilder> hospitals = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            double radius = Double.parseDouble(line.substring(0, line.indexOf(',')));
            String hospital = radius < SMALL ? "screening" : radius < LARGE ? "district" : "oncology";
            String malignant = line.endsWith(",1") ? "0" : "1";
            hospitals
                    .computeIfAbsent(hospital, _ -> new StringBuilder(header))
                    .append(line, 0, line.length() - 1)
                    .append(malignant)
                    .append('\n');
        }
        Map<String, String> files = new TreeMap<>();
        hospitals.forEach((hospital, text) -> files.put(hospital, text.toString()));
        return files;
    }
}
