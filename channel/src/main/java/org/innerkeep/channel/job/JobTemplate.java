package org.innerkeep.channel.job;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.innerkeep.channel.internal.json.Json;

/**
 * A job before there is code and before anybody has keys: what the owners agree on first. Its file is a job's, with
 * {@code "innerkeep-job-template": 1} in place of {@code "innerkeep-job": 1}, without {@code code} and {@code recipients},
 * and with the owners' names only:
 *
 * <pre>{@code
 * {"innerkeep-job-template": 1, "name": "…", "columns": ["…"], "label": "…",
 *  "parameters": {"…": 1}, "minimumRecords": 100, "owners": ["north", "south"]}
 * }</pre>
 *
 * @param name the name of the job
 * @param columns the columns of every owner's table before its label, in order; at least one
 * @param label the last column, not among the others
 * @param parameters the parameters by name, in the order of the file
 * @param minimumRecords the fewest records that each owner must bring, at least one
 * @param owners the names of the owners, all different; at least one
 */
public record JobTemplate(
        String name,
        List<String> columns,
        String label,
        Map<String, JobParameter> parameters,
        int minimumRecords,
        List<String> owners) {
    private static final int VERSION = 1;

    /** Copies what may change; {@link #parse} checks. */
    public JobTemplate {
        columns = List.copyOf(columns);
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        owners = List.copyOf(owners);
    }

    /**
     * Reads a template as strictly as {@link Job#parse} reads a job.
     *
     * @param bytes the whole file, hostile
     * @return the template
     * @throws JobException if the bytes are no template, or one that contradicts itself
     */
    public static JobTemplate parse(byte[] bytes) throws JobException {
        JobFields fields = JobFields.of(bytes);
        fields.integer("innerkeep-job-template", VERSION, VERSION);
        JobReader reader = new JobReader(fields);
        JobReader.Shape shape = reader.shape();
        List<String> owners = owners(fields);
        fields.end();
        return new JobTemplate(
                shape.name(), shape.columns(), shape.label(), shape.parameters(), shape.minimumRecords(), owners);
    }

    private static List<String> owners(JobFields fields) throws JobException {
        Set<String> seen = new HashSet<>();
        List<String> owners = new ArrayList<>();
        for (Json.Value value : fields.array("owners", 1, JobReader.MAX_PARTIES)) {
            String text = fields.text(value, "owners");
            String owner = fields.checked(value.at(), "owners", () -> Words.name(text));
            if (!seen.add(owner)) {
                throw fields.refuse(value, "owners: the name " + Json.quote(owner) + " comes twice");
            }
            owners.add(owner);
        }
        return owners;
    }

    /**
     * Begins the job itself; owners and recipients are still to be added.
     *
     * @param code the code that may do the job
     * @return a draft
     */
    public JobDraft draft(JobCode code) {
        JobDraft draft = new JobDraft(name, code, columns, label).minimumRecords(minimumRecords);
        parameters.forEach(draft::parameter);
        return draft;
    }
}
