package org.innerkeep.channel.job;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.innerkeep.channel.internal.json.Json;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;

/** Reads the content of a job file. The names of the fields are those of docs and of {@link JobDraft}, its inverse. */
final class JobReader {
    static final int VERSION = 1;
    static final int MAX_COLUMNS = 1024;
    static final int MAX_PARAMETERS = 64;
    static final int MAX_PARTIES = 64;

    private final JobFields fields;

    /** What a job and its template have in common. */
    record Shape(String name, List<String> columns, String label, Map<String, JobParameter> parameters, int minimumRecords) {}

    JobReader(JobFields fields) {
        this.fields = fields;
    }

    static Job.Content read(byte[] bytes) throws JobException {
        return new JobReader(JobFields.of(bytes)).content();
    }

    private Job.Content content() throws JobException {
        fields.integer("innerkeep-job", VERSION, VERSION);
        JobCode code = code(fields.object("code"));
        Shape shape = shape();
        List<JobOwner> owners = owners();
        List<JobRecipient> recipients = recipients();
        fields.end();
        return new Job.Content(
                shape.name, code, shape.columns, shape.label, shape.parameters, shape.minimumRecords, owners, recipients);
    }

    Shape shape() throws JobException {
        String name = word("name", Words::name);
        List<String> columns = columns();
        String label = word("label", Words::column);
        if (columns.contains(label)) {
            throw fields.refuse(fields.required("label"), "label: is also among the columns");
        }
        Map<String, JobParameter> parameters = parameters(fields.object("parameters"));
        int minimumRecords = (int) fields.integer("minimumRecords", 1, Integer.MAX_VALUE);
        return new Shape(name, columns, label, parameters, minimumRecords);
    }

    private static JobCode code(JobFields code) throws JobException {
        Bytes signer = hex(code, code.required("signer"), code.path("signer"));
        long product = code.integer("product", 0, JobCode.MAX_NUMBER);
        long minSvn = code.integer("minSvn", 0, JobCode.MAX_NUMBER);
        List<Bytes> runtimes = new ArrayList<>();
        for (Json.Value value : code.arrayOrEmpty("runtimes", JobCode.MAX_ITEMS)) {
            runtimes.add(hex(code, value, code.path("runtimes")));
        }
        List<Measurement> measurements = new ArrayList<>();
        for (Json.Value value : code.arrayOrEmpty("measurements", JobCode.MAX_ITEMS)) {
            String text = code.text(value, code.path("measurements"));
            measurements.add(code.checked(value.at(), code.path("measurements"), () -> measurement(text)));
        }
        code.end();
        return code.checked(code.at(), "code", () -> new JobCode(signer, product, minSvn, runtimes, measurements));
    }

    private List<String> columns() throws JobException {
        Set<String> seen = new HashSet<>();
        List<String> columns = new ArrayList<>();
        for (Json.Value value : fields.array("columns", 1, MAX_COLUMNS)) {
            String text = fields.text(value, "columns");
            String column = fields.checked(value.at(), "columns", () -> Words.column(text));
            if (!seen.add(column)) {
                throw fields.refuse(value, "columns: " + Json.quote(column) + " comes twice");
            }
            columns.add(column);
        }
        return columns;
    }

    private static Map<String, JobParameter> parameters(JobFields object) throws JobException {
        Map<String, JobParameter> parameters = new LinkedHashMap<>();
        for (Map.Entry<String, Json.Value> field : object.all(MAX_PARAMETERS).entrySet()) {
            Json.Value value = field.getValue();
            String name = object.checked(value.at(), "parameters", () -> Words.parameter(field.getKey()));
            String where = object.path(name);
            parameters.put(name, switch (value) {
                case Json.Decimal number -> new JobParameter.Decimal(number.value());
                case Json.Text text -> object.checked(value.at(), where, () -> new JobParameter.Text(text.value()));
                case Json.Obj _, Json.Array _, Json.Flag _, Json.Null _ ->
                    throw object.refuse(value, where + ": expected a number or a string");
            });
        }
        return parameters;
    }

    private List<JobOwner> owners() throws JobException {
        List<JobOwner> owners = new ArrayList<>();
        Set<Object> seen = new HashSet<>();
        for (Json.Value value : fields.array("owners", 1, MAX_PARTIES)) {
            JobFields owner = fields.item(value, "owners");
            String name = owner.text("name");
            OwnerKey key = key(owner);
            owner.end();
            owners.add(fields.checked(value.at(), "owners.name", () -> new JobOwner(name, key)));
            if (!seen.add(name)) {
                throw fields.refuse(value, "owners: the name " + Json.quote(name) + " comes twice");
            }
            if (!seen.add(key)) {
                throw fields.refuse(value, "owners: the key of " + Json.quote(name) + " comes twice");
            }
        }
        return owners;
    }

    private List<JobRecipient> recipients() throws JobException {
        List<JobRecipient> recipients = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> keys = new HashSet<>();
        for (Json.Value value : fields.array("recipients", 1, MAX_PARTIES)) {
            JobFields object = fields.item(value, "recipients");
            String name = object.text("name");
            String key = object.text("recipient");
            object.end();
            recipients.add(fields.checked(value.at(), "recipients", () -> new JobRecipient(name, key)));
            if (!names.add(name)) {
                throw fields.refuse(value, "recipients: the name " + Json.quote(name) + " comes twice");
            }
            if (!keys.add(key)) {
                throw fields.refuse(value, "recipients: the recipient of " + Json.quote(name) + " comes twice");
            }
        }
        return recipients;
    }

    private String word(String name, Function<String, String> grammar) throws JobException {
        String text = fields.text(name);
        return fields.checked(fields.required(name).at(), name, () -> grammar.apply(text));
    }

    private static Bytes hex(JobFields fields, Json.Value value, String where) throws JobException {
        String text = fields.text(value, where);
        // Lower case only, as everywhere else: an owner who searches the file for a digest must find it.
        if (!text.matches("[0-9a-f]{64}")) {
            throw fields.refuse(value, where + ": expected 64 lower-case hexadecimal digits, found " + Json.quote(text));
        }
        return Bytes.fromHex(text);
    }

    private static Measurement measurement(String text) {
        if (!text.matches("sha-(256:[0-9a-f]{64}|384:[0-9a-f]{96})")) {
            throw new IllegalArgumentException("expected sha-256: or sha-384: and lower-case hexadecimal digits");
        }
        return Measurement.parse(text);
    }

    private static OwnerKey key(JobFields owner) throws JobException {
        String text = owner.text("key");
        try {
            return OwnerKey.parse(text);
        } catch (MalformedException e) {
            throw owner.refuse(owner.required("key"), owner.path("key") + ": " + e.getMessage());
        }
    }
}
