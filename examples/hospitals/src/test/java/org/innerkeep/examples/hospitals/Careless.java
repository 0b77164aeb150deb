package org.innerkeep.examples.hospitals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobException;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobRecipient;
import org.innerkeep.enclave.ClientSession;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.examples.hospitals.RefusedException.Reason;
import org.jspecify.annotations.Nullable;

/** Training rooms with one planted bug each, written as somebody in a hurry would. A hostile host must find every one. */
public abstract class Careless implements EnclaveProgram, Operator {
    /** Planted bug: takes a release whoever signed it. */
    public static final class AnySignature extends Careless {
        @Override
        boolean signed(JobOwner owner, Release release, Job job, byte[] binding) {
            return true;
        }
    }

    /** Planted bug: trains with whoever has released by the time when the operator asks. */
    public static final class AnyOwners extends Careless {
        @Override
        boolean complete(int released, int owners) {
            return released > 0;
        }
    }

    /** Planted bug: forgets to seal results for their recipients. */
    public static final class OpenResults extends Careless {
        @Override
        byte[] seal(byte[] result, JobRecipient recipient) {
            return result;
        }
    }

    private record Contribution(Release release, PatientTable table) {}

    private final Identity identity = Identity.generate(new SecureRandom());
    private final Map<String, byte[]> inputs = new LinkedHashMap<>();
    private final Map<String, Contribution> contributions = new LinkedHashMap<>();
    private @Nullable Trainer trainer;
    private @Nullable EnclaveContext enclave;
    private @Nullable Job job;
    private List<SealedResult> results = List.of();

    boolean signed(JobOwner owner, Release release, Job agreed, byte[] binding) {
        return owner.key().verify(release.toBeSigned(agreed.digest(), binding), release.signature());
    }

    boolean complete(int released, int owners) {
        return released == owners;
    }

    byte[] seal(byte[] result, JobRecipient recipient) throws IOException {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out =
                SealedFile.seal(sealed, List.of(Recipient.parse(recipient.recipient())), new SecureRandom())) {
            out.write(result);
        }
        return sealed.toByteArray();
    }

    @Override
    public void start(EnclaveContext context) {
        enclave = context;
        trainer = Trainer.load(context.nativeLibrary("xgboost4j"));
        context.offerToHost(Operator.class, this);
        context.offerToEachClient(Training.class, this::desk);
    }

    private Training desk(ClientSession session) {
        return new Training() {
            @Override
            public Optional<byte[]> job() {
                return Optional.ofNullable(job).map(agreed -> agreed.bytes().toArray());
            }

            @Override
            public String recipient() {
                return identity.recipient().toString();
            }

            @Override
            public int release(Release release) throws RefusedException {
                return take(release, session.binding());
            }

            @Override
            public Optional<SealedResult> result(String recipient) {
                return results.stream().filter(each -> each.recipient().equals(recipient)).findFirst();
            }
        };
    }

    private synchronized int take(Release release, byte[] binding) throws RefusedException {
        Job agreed = agreed();
        JobOwner owner = agreed.owners().stream()
                .filter(each -> each.name().equals(release.owner()))
                .findFirst()
                .orElseThrow(() -> RefusedException.of(Reason.NOT_IN_JOB, "no such owner"));
        if (!signed(owner, release, agreed, binding)) {
            throw RefusedException.of(Reason.SIGNATURE_INVALID, "the signature is wrong");
        }
        if (contributions.containsKey(owner.name())) {
            throw RefusedException.of(Reason.OWNER_ALREADY_RELEASED, "released before");
        }
        byte[] sealed = inputs.getOrDefault(owner.name(), new byte[0]);
        if (!Bytes.sha256(sealed).equals(Bytes.of(release.inputDigest()))) {
            throw RefusedException.of(Reason.INPUT_DIFFERS, "another file");
        }
        try (FileKey key = release.fileKey(identity);
                InputStream in = SealedFile.open(new ByteArrayInputStream(sealed), key)) {
            PatientTable table = CsvReader.read(new ByteArrayInputStream(in.readAllBytes()), agreed.columns(), agreed.label());
            contributions.put(owner.name(), new Contribution(release, table));
            return table.rows();
        } catch (IOException e) {
            throw RefusedException.of(Reason.INPUT_UNREADABLE, "the file does not open");
        }
    }

    private Job agreed() throws RefusedException {
        Job agreed = job;
        if (agreed == null) {
            throw RefusedException.of(Reason.NO_JOB, "no job");
        }
        return agreed;
    }

    @Override
    public synchronized Answer agree(byte[] bytes) {
        if (job != null) {
            return new Answer.Refused(Reason.JOB_FIXED);
        }
        try {
            job = Job.parse(bytes);
            return new Answer.Done();
        } catch (JobException e) {
            return new Answer.Refused(Reason.JOB_MALFORMED);
        }
    }

    @Override
    public synchronized Answer input(String owner, byte[] sealed) {
        inputs.put(owner, sealed);
        return new Answer.Done();
    }

    @Override
    public synchronized Status status() {
        return new Status(List.copyOf(contributions.keySet()), !results.isEmpty());
    }

    @Override
    public Answer obtain() {
        return new Answer.Done();
    }

    @Override
    public synchronized Answer train() {
        try {
            Job agreed = agreed();
            if (!results.isEmpty()) {
                return new Answer.Trained(results);
            }
            if (!complete(contributions.size(), agreed.owners().size())) {
                return new Answer.Refused(Reason.OWNERS_MISSING);
            }
            return trained(agreed);
        } catch (RefusedException e) {
            return new Answer.Refused(e.reason());
        } catch (IOException e) {
            throw new IllegalStateException("the results could not be sealed or signed", e);
        }
    }

    private Answer trained(Job agreed) throws RefusedException, IOException {
        PatientTable all = PatientTable.join(contributions.values().stream().map(Contribution::table).toList());
        HeldOut held = new HeldOut(agreed.digest(), Settings.of(agreed.parameters()).heldOut());
        PatientTable kept = all.select(held.of(all).negate());
        PatientTable judges = all.select(held.of(all));
        byte[] model = trainer().train(kept, agreed.columns(), Settings.of(agreed.parameters()));
        List<TrainingStatement.OwnerPart> parts = new ArrayList<>();
        for (JobOwner owner : agreed.owners()) {
            Contribution contribution = contributions.get(owner.name());
            parts.add(new TrainingStatement.OwnerPart(
                    owner.name(),
                    owner.key().encoded().toArray(),
                    contribution == null ? new byte[32] : contribution.release().nonce(),
                    contribution == null ? new byte[32] : contribution.release().inputDigest(),
                    contribution == null ? 0 : contribution.table().rows()));
        }
        Estimate pooled = DeLong.auc(judges.labels(), trainer().predict(model, judges));
        byte[] result = Codec.of(Result.class)
                .encode(new Result(
                        new byte[Result.SALT_BYTES], model, agreed.columns(), kept.rows(), judges.rows(), pooled, Optional.empty()));
        List<TrainingStatement.ResultPart> given = agreed.recipients().stream()
                .map(recipient -> new TrainingStatement.ResultPart(recipient.name(), Bytes.sha256(result).toArray()))
                .toList();
        byte[] statement = context().sign(
                TrainingStatement.PURPOSE,
                Codec.of(TrainingStatement.class)
                        .encode(new TrainingStatement(
                                agreed.digest().toArray(), parts, Bytes.sha256(model).toArray(), kept.rows(), judges.rows(), given)));
        List<SealedResult> made = new ArrayList<>();
        for (JobRecipient recipient : agreed.recipients()) {
            made.add(new SealedResult(recipient.name(), seal(result, recipient), statement));
        }
        results = List.copyOf(made);
        return new Answer.Trained(results);
    }

    private Trainer trainer() {
        if (trainer == null) {
            throw new IllegalStateException("not started");
        }
        return trainer;
    }

    private EnclaveContext context() {
        if (enclave == null) {
            throw new IllegalStateException("not started");
        }
        return enclave;
    }
}
