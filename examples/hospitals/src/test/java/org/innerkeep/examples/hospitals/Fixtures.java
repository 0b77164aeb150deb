package org.innerkeep.examples.hospitals;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import ml.dmlc.xgboost4j.java.DMatrix;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobCode;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobException;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobRecipient;
import org.innerkeep.channel.job.OwnerKey;
import org.innerkeep.enclave.EnclaveIdentity;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;

/** The Wisconsin job with fixed keys, so that its digest, the held-out patients and the models are always the same. */
final class Fixtures {
    static final Path TABLE = Path.of("data/breast_cancer.csv");
    private static final String[] KEYS = {
        // RFC 8032, section 7.1, tests 1 to 3.
        "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=",
        "MCowBQYDK2VwAyEA/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=",
    };
    private static final AtomicReference<Trainer> TRAINER = new AtomicReference<>();

    private Fixtures() {}

    /** What an enclave of product 7 and version 2 knows of itself. */
    static OwnCode ownCode(Bytes signer, Bytes runtime, Measurement measurement) {
        return new OwnCode(new EnclaveIdentity("process", measurement, signer, 7, 2, false), () -> runtime);
    }

    static Map<String, String> hospitals() throws IOException {
        return Wisconsin.split(TABLE);
    }

    static Job job() throws JobException, MalformedException {
        return draft().toJob();
    }

    static JobDraft draft() throws MalformedException {
        JobCode code = new JobCode(Bytes.sha256(new byte[0]), 1, 1, List.of(), List.of());
        JobDraft draft = Wisconsin.draft(code);
        List<String> names = List.of("district", "oncology", "screening");
        for (int i = 0; i < names.size(); i++) {
            draft.owner(new JobOwner(names.get(i), OwnerKey.parse(KEYS[i])));
            draft.recipient(new JobRecipient(names.get(i), new Recipient(Bytes.sha256(new byte[] {(byte) i})).toString()));
        }
        return draft;
    }

    static List<PatientTable> tables(Job job) throws IOException, RefusedException {
        List<PatientTable> tables = new ArrayList<>();
        Map<String, String> hospitals = hospitals();
        for (JobOwner owner : job.owners()) {
            String csv = hospitals.getOrDefault(owner.name(), "");
            tables.add(CsvReader.read(new ByteArrayInputStream(csv.getBytes(US_ASCII)), job.columns(), job.label()));
        }
        return tables;
    }

    /** The native library as the packer unpacks it: a file. */
    static Path library() throws IOException {
        Path file = Path.of("target/native/libxgboost4j.so").toAbsolutePath();
        if (!Files.exists(file)) {
            Files.createDirectories(file.getParent());
            Path temporary = Files.createTempFile(file.getParent(), "lib", ".so");
            try (InputStream in = DMatrix.class.getResourceAsStream("/lib/linux/x86_64/libxgboost4j.so")) {
                if (in == null) {
                    throw new IOException("the jar of XGBoost4J has no library for linux x86_64");
                }
                Files.write(temporary, in.readAllBytes());
            }
            Files.move(temporary, file);
        }
        return file;
    }

    static synchronized Trainer trainer() throws IOException {
        Trainer trainer = TRAINER.get();
        if (trainer == null) {
            trainer = Trainer.load(library());
            TRAINER.set(trainer);
        }
        return trainer;
    }
}
