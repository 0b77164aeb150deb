package org.innerkeep.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.channel.job.JobException;
import org.innerkeep.channel.job.JobTemplate;
import org.innerkeep.cli.leakcheck.Form;
import org.innerkeep.cli.leakcheck.Needles;
import org.innerkeep.examples.hospitals.RefusedException;
import org.innerkeep.examples.hospitals.Rehearsal;
import org.innerkeep.examples.hospitals.Wisconsin;

/**
 * What the demonstration is played with: a job that still lacks code and keys, and the records of each of its owners.
 * Whatever the enclave would refuse of it is refused here, before anything starts.
 */
public final class Study {
    /** The fewest and the most owners. */
    static final int LEAST_OWNERS = 2;

    static final int MOST_OWNERS = 16;

    /** The largest table; a sealed file crosses to the enclave in one message of 16 MiB at most. */
    static final long MAX_TABLE_BYTES = 8 << 20;

    private static final String TABLE = "examples/hospitals/data/breast_cancer.csv";

    private final String title;
    private final JobTemplate template;
    private final Map<String, byte[]> tables;

    private Study(String title, JobTemplate template, Map<String, byte[]> tables) {
        this.title = title;
        this.template = template;
        this.tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
    }

    /**
     * The shipped one: three hospitals and the Wisconsin table, which lies in the source checkout, in no jar.
     *
     * @return the study
     * @throws IOException if the table is not there
     */
    public static Study shipped() throws IOException {
        return wisconsin(Path.of(System.getProperty("innerkeep.home", "."), TABLE));
    }

    static Study wisconsin(Path table) throws IOException {
        if (!Files.isReadable(table)) {
            throw new IOException(table + " was not found: run the demonstration from a source checkout, with ./innerkeep demo");
        }
        Map<String, byte[]> hospitals = new LinkedHashMap<>();
        Wisconsin.split(table).forEach((name, text) -> hospitals.put(name, text.getBytes(StandardCharsets.US_ASCII)));
        return new Study(
                "Three hospitals train one model; none shows its records to the others or to the operator.",
                Wisconsin.template(),
                hospitals);
    }

    /**
     * Other owners' records.
     *
     * @param job a job template, see {@link JobTemplate}
     * @param data a folder with a file {@code OWNER.csv} for each owner that the template names
     * @return the study
     * @throws IOException if a file is missing, or anything is in it that the enclave would refuse; names the file, and for a
     *     table the line and the column, never a value
     */
    public static Study read(Path job, Path data) throws IOException {
        JobTemplate template = template(job);
        int owners = template.owners().size();
        if (owners < LEAST_OWNERS || owners > MOST_OWNERS) {
            throw new IOException(job + ": owners: the demonstration wants " + LEAST_OWNERS + " to " + MOST_OWNERS + ", found "
                    + owners);
        }
        Map<String, byte[]> tables = new LinkedHashMap<>();
        for (String owner : template.owners()) {
            tables.put(owner, table(template, owner, data.resolve(owner + ".csv"), job));
        }
        requireSearchable(tables, data);
        return new Study(
                owners + " owners train one model; none shows its records to the others or to the operator.", template, tables);
    }

    private static JobTemplate template(Path job) throws IOException {
        try {
            JobTemplate template = JobTemplate.parse(Files.readAllBytes(job));
            Rehearsal.parameters(template);
            return template;
        } catch (JobException e) {
            throw new IOException(job + ": " + e.getMessage(), e);
        } catch (RefusedException e) {
            throw new IOException(job + ": " + e.detail().explanation(), e);
        }
    }

    private static byte[] table(JobTemplate template, String owner, Path file, Path job) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": no such file, but " + job + " names the owner " + owner);
        }
        if (Files.size(file) > MAX_TABLE_BYTES) {
            throw new IOException(file + ": found " + Files.size(file) + " bytes, the demonstration takes at most " + MAX_TABLE_BYTES);
        }
        try {
            Rehearsal.records(template, file);
        } catch (RefusedException e) {
            throw new IOException(file + ": " + e.reason() + ": " + e.detail().explanation(), e);
        }
        return Files.readAllBytes(file);
    }

    /** A search for rows that are too plain to be told from any program's memory would prove nothing. */
    private static void requireSearchable(Map<String, byte[]> tables, Path data) throws IOException {
        for (var table : tables.entrySet()) {
            Needles.Builder builder = Needles.builder().key("none", "0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
            addRows(builder, table.getKey(), table.getValue());
            if (!builder.build().counts().keySet().containsAll(List.of(Form.TEXT_ROW, Form.FLOAT32))) {
                throw new IOException(data.resolve(table.getKey() + ".csv") + ": no row is distinctive enough to search memory for;"
                        + " the demonstration wants rows with at least " + Needles.RUN
                        + " fields side by side, label included, two of them other than small whole numbers");
            }
        }
    }

    /** Adds every row of a table, header excluded. */
    static void addRows(Needles.Builder builder, String owner, byte[] table) {
        List<String> lines = new String(table, StandardCharsets.US_ASCII).lines().toList();
        for (int i = 1; i < lines.size(); i++) {
            builder.row(owner, i, lines.get(i));
        }
    }

    String title() {
        return title;
    }

    JobTemplate template() {
        return template;
    }

    /** Each owner's table by the owner's name, in the job's order. */
    Map<String, byte[]> tables() {
        return tables;
    }

    byte[] table(String owner) {
        byte[] table = tables.get(owner);
        if (table == null) {
            throw new IllegalStateException("no records of " + owner);
        }
        return table;
    }
}
