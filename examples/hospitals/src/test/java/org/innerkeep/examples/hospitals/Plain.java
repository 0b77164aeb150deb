package org.innerkeep.examples.hospitals;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobOwner;

/** What tests in other packages need of this one: the training without any protection, to compare with, and its library. */
public final class Plain {
    private Plain() {}

    /** The model's bytes that these files give under this job. */
    public static byte[] model(Job job, Map<String, String> files) throws IOException, RefusedException {
        return JointTraining.run(Fixtures.trainer(), job, tables(job, files)).model();
    }

    static List<PatientTable> tables(Job job, Map<String, String> files) throws IOException, RefusedException {
        List<PatientTable> tables = new ArrayList<>();
        for (JobOwner owner : job.owners()) {
            byte[] file = files.getOrDefault(owner.name(), "").getBytes(US_ASCII);
            tables.add(CsvReader.read(new ByteArrayInputStream(file), job.columns(), job.label()));
        }
        return tables;
    }

    /** XGBoost's library as a file. */
    public static Path library() throws IOException {
        return Fixtures.library();
    }

    /** The files of the three hospitals. */
    public static Map<String, String> hospitals() throws IOException {
        return Fixtures.hospitals();
    }
}
