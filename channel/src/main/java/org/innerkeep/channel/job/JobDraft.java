package org.innerkeep.channel.job;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;

/**
 * Puts a job together and writes its file, laid out for people to read. Whoever writes it by hand instead needs nothing from
 * here. Not safe for use by several threads.
 */
public final class JobDraft {
    private final String name;
    private final JobCode code;
    private final List<String> columns;
    private final String label;
    private final Map<String, JobParameter> parameters = new LinkedHashMap<>();
    private final List<JobOwner> owners = new ArrayList<>();
    private final List<JobRecipient> recipients = new ArrayList<>();
    private int minimumRecords = 1;

    /**
     * Begins a draft.
     *
     * @param name the name of the job
     * @param code the code that may do it
     * @param columns the columns of every owner's table before the label, in order
     * @param label the last column
     */
    public JobDraft(String name, JobCode code, List<String> columns, String label) {
        this.name = name;
        this.code = code;
        this.columns = List.copyOf(columns);
        this.label = label;
    }

    /**
     * Begins a draft with the content of a job.
     *
     * @param job the job
     */
    public JobDraft(Job job) {
        this(job.name(), job.code(), job.columns(), job.label());
        minimumRecords = job.minimumRecords();
        parameters.putAll(job.parameters());
        owners.addAll(job.owners());
        recipients.addAll(job.recipients());
    }

    /**
     * Sets a parameter, in place of one of the same name.
     *
     * @param parameter its name
     * @param value its value
     * @return this draft
     */
    public JobDraft parameter(String parameter, JobParameter value) {
        parameters.put(parameter, value);
        return this;
    }

    /**
     * Sets the fewest records that each owner must bring; one if never set.
     *
     * @param records at least one
     * @return this draft
     */
    public JobDraft minimumRecords(int records) {
        minimumRecords = records;
        return this;
    }

    /**
     * Adds an owner after those there are.
     *
     * @param owner the owner
     * @return this draft
     */
    public JobDraft owner(JobOwner owner) {
        owners.add(owner);
        return this;
    }

    /**
     * Adds a recipient after those there are.
     *
     * @param recipient the recipient
     * @return this draft
     */
    public JobDraft recipient(JobRecipient recipient) {
        recipients.add(recipient);
        return this;
    }

    /**
     * Writes the file and reads it back, so that what is returned has passed every check.
     *
     * @return the job; {@link Job#bytes()} is the file
     * @throws JobException if what was put together is no job
     */
    public Job toJob() throws JobException {
        return Job.parse(write().getBytes(StandardCharsets.UTF_8));
    }

    private String write() {
        List<String> lines = new ArrayList<>();
        lines.add("  \"innerkeep-job\": " + JobReader.VERSION);
        lines.add("  \"name\": " + string(name));
        lines.add("  \"code\": {\n    " + String.join(",\n    ", codeLines()) + "\n  }");
        lines.add("  \"columns\": [" + columns.stream().map(JobDraft::string).collect(Collectors.joining(", ")) + "]");
        lines.add("  \"label\": " + string(label));
        lines.add("  \"parameters\": {"
                + block(parameters.entrySet().stream()
                        .map(entry -> string(entry.getKey()) + ": " + write(entry.getValue()))
                        .toList())
                + "}");
        lines.add("  \"minimumRecords\": " + minimumRecords);
        lines.add("  \"owners\": ["
                + block(owners.stream()
                        .map(owner -> "{\"name\": " + string(owner.name()) + ", \"key\": " + string(owner.key().base64()) + "}")
                        .toList())
                + "]");
        lines.add("  \"recipients\": ["
                + block(recipients.stream()
                        .map(to -> "{\"name\": " + string(to.name()) + ", \"recipient\": " + string(to.recipient()) + "}")
                        .toList())
                + "]");
        return "{\n" + String.join(",\n", lines) + "\n}\n";
    }

    private List<String> codeLines() {
        List<String> lines = new ArrayList<>();
        lines.add("\"signer\": " + string(code.signer().hex()));
        lines.add("\"product\": " + code.product());
        lines.add("\"minSvn\": " + code.minSvn());
        if (!code.runtimes().isEmpty()) {
            lines.add("\"runtimes\": " + strings(code.runtimes().stream().map(Bytes::hex).toList()));
        }
        if (!code.measurements().isEmpty()) {
            lines.add("\"measurements\": " + strings(code.measurements().stream().map(Measurement::toString).toList()));
        }
        return lines;
    }

    private static String write(JobParameter value) {
        return switch (value) {
            case JobParameter.Decimal(var number) -> number.toString();
            case JobParameter.Text(String text) -> string(text);
        };
    }

    private static String strings(List<String> values) {
        return values.stream().map(JobDraft::string).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String block(List<String> items) {
        return items.isEmpty() ? "" : "\n    " + String.join(",\n    ", items) + "\n  ";
    }

    private static String string(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.append('"').toString();
    }
}
