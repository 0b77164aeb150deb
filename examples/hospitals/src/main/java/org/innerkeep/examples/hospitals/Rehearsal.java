package org.innerkeep.examples.hospitals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.innerkeep.channel.job.JobTemplate;
import org.innerkeep.examples.hospitals.RefusedException.Reason;

/**
 * Finds out on an owner's own machine what the enclave would refuse: parameters that the code does not understand, tables
 * that it cannot read. Not in the bundle.
 */
public final class Rehearsal {
    private Rehearsal() {}

    /**
     * Checks the parameters.
     *
     * @param template the job
     * @throws RefusedException if the code does not understand them
     */
    public static void parameters(JobTemplate template) throws RefusedException {
        Settings.of(template.parameters());
    }

    /**
     * Reads a table as the enclave will.
     *
     * @param template the job
     * @param table one owner's CSV file
     * @return how many records it has
     * @throws RefusedException if the enclave would refuse it; names line and column, never a value
     * @throws IOException if the file cannot be read
     */
    public static int records(JobTemplate template, Path table) throws RefusedException, IOException {
        try (InputStream in = Files.newInputStream(table)) {
            int rows = CsvReader.read(in, template.columns(), template.label()).rows();
            if (rows < template.minimumRecords()) {
                throw RefusedException.of(
                        Reason.TOO_FEW_RECORDS,
                        "found " + rows + " records, the job wants at least " + template.minimumRecords());
            }
            return rows;
        }
    }
}
