package org.innerkeep.examples.hospitals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobException;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobRecipient;
import org.innerkeep.enclave.VaultException;
import org.innerkeep.enclave.VaultStream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.examples.hospitals.RefusedException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * The state of one job inside the enclave: no job, then a job whose owners release one by one, then results. It never goes back.
 * Everything from the operator is hostile, and everything from one owner is hostile to the others: a release that is
 * refused changes nothing. Safe for use by several threads.
 */
final class TrainingRoom implements Operator {
    /** Signs a statement. */
    @FunctionalInterface
    interface Signer {
        byte[] sign(byte[] content) throws IOException;
    }

    /** Opens a sealed file by a key of its owner's vault, for a job. */
    @FunctionalInterface
    interface Vaults {
        VaultStream open(OwnersVault vault, Bytes job, InputStream sealed) throws IOException;
    }

    /** What is kept of a release: the sealed key is not among it. */
    private record Contribution(Bytes nonce, Bytes inputDigest, PatientTable table) {}

    private record Opened(JobRecipient recipient, byte[] result) {}

    private final Trainer trainer;
    private final OwnCode ownCode;
    private final Signer signer;
    private final Vaults vaults;
    private final SecureRandom random;
    /** Opens the file keys that owners release; wiped when the last one has, whatever comes of the training. */
    private final Identity identity;
    private final Map<String, byte[]> inputs = new HashMap<>();
    private final Map<String, Contribution> contributions = new LinkedHashMap<>();
    // Read without the lock, so that hospitals may ask while a training runs.
    private volatile @Nullable Job job;
    private volatile @Nullable List<SealedResult> results;

    TrainingRoom(Trainer trainer, OwnCode ownCode, Signer signer, Vaults vaults, SecureRandom random) {
        this(trainer, ownCode, signer, vaults, random, Identity.generate(random));
    }

    /** With an identity that the room owns from now on. */
    TrainingRoom(Trainer trainer, OwnCode ownCode, Signer signer, Vaults vaults, SecureRandom random, Identity identity) {
        this.trainer = trainer;
        this.ownCode = ownCode;
        this.signer = signer;
        this.vaults = vaults;
        this.random = random;
        this.identity = identity;
    }

    String recipient() {
        return identity.recipient().toString();
    }

    Optional<byte[]> jobBytes() {
        return Optional.ofNullable(job).map(agreed -> agreed.bytes().toArray());
    }

    @Override
    public synchronized Answer agree(byte[] bytes) {
        Job agreed = job;
        if (agreed != null) {
            return agreed.bytes().equals(Bytes.of(bytes)) ? new Answer.Done() : new Answer.Refused(Reason.JOB_FIXED);
        }
        try {
            Job offered = Job.parse(bytes);
            if (!ownCode.is(offered.code())) {
                return new Answer.Refused(Reason.JOB_NOT_FOR_THIS_CODE);
            }
            job = offered;
            return new Answer.Done();
        } catch (JobException e) {
            return new Answer.Refused(Reason.JOB_MALFORMED);
        } catch (IOException e) {
            throw new IllegalStateException("the platform does not tell what this enclave is", e);
        }
    }

    @Override
    public synchronized Answer input(String owner, byte[] sealed) {
        Job agreed = job;
        if (agreed == null) {
            return new Answer.Refused(Reason.NO_JOB);
        }
        if (ownerNamed(agreed, owner).isEmpty()) {
            return new Answer.Refused(Reason.NOT_IN_JOB);
        }
        if (contributions.containsKey(owner)) {
            return new Answer.Refused(Reason.OWNER_ALREADY_RELEASED);
        }
        inputs.put(owner, sealed.clone());
        return new Answer.Done();
    }

    synchronized int release(Release release, byte[] binding) throws RefusedException {
        Job agreed = job;
        if (agreed == null) {
            throw RefusedException.of(Reason.NO_JOB, "the operator has given no job yet");
        }
        JobOwner owner = ownerNamed(agreed, release.owner())
                .orElseThrow(() -> RefusedException.of(Reason.NOT_IN_JOB, "the job names no such party"));
        boolean formed = release.nonce().length == Release.NONCE_BYTES
                && release.inputDigest().length == 32;
        if (!formed || !owner.key().verify(release.toBeSigned(agreed.digest(), binding), release.signature())) {
            throw RefusedException.of(Reason.SIGNATURE_INVALID, "the release is not signed by this owner's key for this job and this session");
        }
        if (contributions.containsKey(owner.name())) {
            throw RefusedException.of(Reason.OWNER_ALREADY_RELEASED, "this owner has released to this job already");
        }
        byte[] sealed = inputs.get(owner.name());
        if (sealed == null) {
            throw RefusedException.of(Reason.INPUT_MISSING, "the operator has not given this owner's file");
        }
        if (sealed.length != release.inputBytes() || !Bytes.sha256(sealed).equals(Bytes.of(release.inputDigest()))) {
            throw RefusedException.of(Reason.INPUT_DIFFERS, "the operator's file is not the one released: it was cut, changed, replaced or is out of date");
        }
        PatientTable table = open(sealed, release, agreed);
        contribute(agreed, owner, new Contribution(Bytes.of(release.nonce()), Bytes.of(release.inputDigest()), table));
        return table.rows();
    }

    private void contribute(Job agreed, JobOwner owner, Contribution contribution) {
        contributions.put(owner.name(), contribution);
        inputs.remove(owner.name());
        if (contributions.size() == agreed.owners().size()) {
            identity.close();
        }
    }

    @Override
    public synchronized Answer obtain() {
        Job agreed = job;
        if (agreed == null) {
            return new Answer.Refused(Reason.NO_JOB);
        }
        // All of the job's vaults are vouched for before the first is asked, so that a job with a made-up part gets no key.
        Map<JobOwner, OwnersVault> vouched = new LinkedHashMap<>();
        for (JobOwner owner : agreed.owners()) {
            try {
                OwnersVault.of(agreed.parameters(), owner).ifPresent(vault -> vouched.put(owner, vault));
            } catch (RefusedException e) {
                return notObtained(owner, e);
            }
        }
        for (Map.Entry<JobOwner, OwnersVault> each : vouched.entrySet()) {
            JobOwner owner = each.getKey();
            try {
                if (!contributions.containsKey(owner.name())) {
                    contribute(agreed, owner, obtained(agreed, owner, each.getValue()));
                }
            } catch (RefusedException e) {
                return notObtained(owner, e);
            }
        }
        return new Answer.Done();
    }

    private static Answer notObtained(JobOwner owner, RefusedException refused) {
        return new Answer.NotObtained(owner.name(), refused.reason(), refused.detail().explanation());
    }

    /**
     * The vault's own record of the release has the digest of the request, which stands in the statement for the owner's nonce.
     */
    private Contribution obtained(Job agreed, JobOwner owner, OwnersVault vault) throws RefusedException {
        byte[] sealed = inputs.get(owner.name());
        if (sealed == null) {
            throw RefusedException.of(Reason.INPUT_MISSING, "the operator has not given this owner's file");
        }
        if (!Bytes.sha256(sealed).equals(vault.file())) {
            throw RefusedException.of(Reason.INPUT_DIFFERS, "the operator's file is not the one that the job names");
        }
        try (VaultStream in = vaults.open(vault, agreed.digest(), new ByteArrayInputStream(sealed))) {
            return new Contribution(in.terms().request(), vault.file(), table(in, agreed));
        } catch (VaultException e) {
            Reason reason = switch (e.code()) {
                case NOT_CARRIED -> Reason.VAULT_NOT_REACHED;
                case REFUSED -> Reason.VAULT_REFUSED;
                case NOT_THE_VAULT -> Reason.VAULT_REPLACED;
                case NOT_THE_FILE -> Reason.INPUT_UNREADABLE;
            };
            throw RefusedException.of(reason, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw RefusedException.of(
                    Reason.INPUT_UNREADABLE, "the file does not open under the key that its owner's vault gave");
        }
    }

    private PatientTable open(byte[] sealed, Release release, Job agreed) throws RefusedException {
        try (FileKey key = fileKey(release);
                InputStream in = SealedFile.open(new ByteArrayInputStream(sealed), key)) {
            return table(in, agreed);
        } catch (IOException e) {
            throw RefusedException.of(Reason.INPUT_UNREADABLE, "the file does not open under the released key");
        }
    }

    /** Read to the proven end before a row of it counts. */
    private static PatientTable table(InputStream in, Job agreed) throws IOException, RefusedException {
        byte[] plain = in.readAllBytes();
        try {
            return CsvReader.read(new ByteArrayInputStream(plain), agreed.columns(), agreed.label());
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be read", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private FileKey fileKey(Release release) throws RefusedException {
        try {
            return release.fileKey(identity);
        } catch (SealedFileException e) {
            throw RefusedException.of(Reason.KEY_UNREADABLE, "the released file key is not sealed to this enclave");
        }
    }

    @Override
    public synchronized Status status() {
        return new Status(List.copyOf(contributions.keySet()), results != null);
    }

    @Override
    public synchronized Answer train() {
        Job agreed = job;
        if (agreed == null) {
            return new Answer.Refused(Reason.NO_JOB);
        }
        List<SealedResult> before = results;
        if (before != null) {
            return new Answer.Trained(before);
        }
        if (contributions.size() != agreed.owners().size()) {
            return new Answer.Refused(Reason.OWNERS_MISSING);
        }
        List<PatientTable> tables = agreed.owners().stream()
                .map(owner -> contribution(owner).table())
                .toList();
        try {
            List<SealedResult> made = sealResults(agreed, JointTraining.run(trainer, agreed, tables));
            results = made;
            return new Answer.Trained(made);
        } catch (RefusedException e) {
            return new Answer.Refused(e.reason());
        } catch (IOException e) {
            throw new IllegalStateException("the results could not be sealed or signed", e);
        }
    }

    private List<SealedResult> sealResults(Job agreed, JointTraining training) throws IOException {
        List<Opened> opened = agreed.recipients().stream()
                .map(recipient -> new Opened(recipient, Codec.of(Result.class).encode(result(agreed, training, recipient))))
                .toList();
        byte[] statement = signer.sign(Codec.of(TrainingStatement.class).encode(statement(agreed, training, opened)));
        List<SealedResult> made = new ArrayList<>();
        for (Opened each : opened) {
            ByteArrayOutputStream sealed = new ByteArrayOutputStream();
            Recipient to = Recipient.parse(each.recipient().recipient());
            try (OutputStream out = SealedFile.seal(sealed, List.of(to), random)) {
                out.write(each.result());
            }
            made.add(new SealedResult(each.recipient().name(), sealed.toByteArray(), statement));
        }
        return List.copyOf(made);
    }

    /** A recipient learns of its own records only: who owns some is a recipient with an owner's name. */
    private Result result(Job agreed, JointTraining training, JobRecipient recipient) {
        Optional<Result.Own> own = Optional.empty();
        for (int i = 0; i < agreed.owners().size(); i++) {
            if (agreed.owners().get(i).name().equals(recipient.name())) {
                JointTraining.Quality quality = training.qualities().get(i);
                own = Optional.of(new Result.Own(quality.alone(), quality.gain()));
            }
        }
        JointTraining.Quality any = training.qualities().getFirst();
        byte[] salt = new byte[Result.SALT_BYTES];
        random.nextBytes(salt);
        return new Result(
                salt, training.model(), agreed.columns(), training.trainedOn(), any.heldOut(), any.pooled(), own);
    }

    private TrainingStatement statement(Job agreed, JointTraining training, List<Opened> opened) {
        List<TrainingStatement.OwnerPart> parts = new ArrayList<>();
        for (JobOwner owner : agreed.owners()) {
            Contribution contribution = contribution(owner);
            parts.add(new TrainingStatement.OwnerPart(
                    owner.name(),
                    owner.key().encoded().toArray(),
                    contribution.nonce().toArray(),
                    contribution.inputDigest().toArray(),
                    contribution.table().rows()));
        }
        return new TrainingStatement(
                agreed.digest().toArray(),
                parts,
                Bytes.sha256(training.model()).toArray(),
                training.trainedOn(),
                training.qualities().getFirst().heldOut(),
                opened.stream()
                        .map(each -> new TrainingStatement.ResultPart(
                                each.recipient().name(), Bytes.sha256(each.result()).toArray()))
                        .toList());
    }

    private Contribution contribution(JobOwner owner) {
        Contribution contribution = contributions.get(owner.name());
        if (contribution == null) {
            throw new IllegalStateException("owner " + owner.name() + " has not released");
        }
        return contribution;
    }

    Optional<SealedResult> result(String recipient) throws RefusedException {
        Job agreed = job;
        if (agreed == null || agreed.recipient(recipient).isEmpty()) {
            throw RefusedException.of(
                    agreed == null ? Reason.NO_JOB : Reason.NOT_IN_JOB, "the job, if there is one, names no such party");
        }
        List<SealedResult> made = results;
        return made == null
                ? Optional.empty()
                : made.stream().filter(result -> result.recipient().equals(recipient)).findFirst();
    }

    private static Optional<JobOwner> ownerNamed(Job job, String name) {
        return job.owners().stream().filter(owner -> owner.name().equals(name)).findFirst();
    }
}
