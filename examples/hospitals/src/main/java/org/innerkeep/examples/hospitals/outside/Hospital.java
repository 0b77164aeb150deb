package org.innerkeep.examples.hospitals.outside;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobException;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobRecipient;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.examples.hospitals.Estimate;
import org.innerkeep.examples.hospitals.OwnersVault;
import org.innerkeep.examples.hospitals.RefusedException;
import org.innerkeep.examples.hospitals.Release;
import org.innerkeep.examples.hospitals.Result;
import org.innerkeep.examples.hospitals.SealedResult;
import org.innerkeep.examples.hospitals.Training;
import org.innerkeep.examples.hospitals.outside.StatementCheck.Fault;

/**
 * One hospital's own program. It keeps the hospital's keys, seals its records before they leave, and releases the key of its
 * file only to an enclave that it trusts, for the job that it agreed to.
 *
 * <p>Verbs: {@code keygen}, {@code seal}, {@code vouch}, {@code agree}, {@code release}, {@code receive}, {@code verify}; the
 * example's README shows each.
 */
public final class Hospital {
    private static final Duration RESULT_POLL = Duration.ofMillis(200);
    private static final Duration RESULT_PATIENCE = Duration.ofMinutes(10);

    private final Arguments arguments;
    private final HospitalFolder folder;
    private final SecureRandom random = new SecureRandom();

    private Hospital(Arguments arguments) {
        this.arguments = arguments;
        this.folder = new HospitalFolder(arguments.path("folder"));
    }

    /**
     * Runs one verb; exits with 0 if it is done, 1 if something is refused or fails, 2 if the command line is wrong.
     *
     * @param arguments the verb and its options
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** As {@link #main}; the exit code. */
    static int run(String... arguments) {
        try {
            Hospital hospital = new Hospital(new Arguments(arguments, 1));
            switch (arguments[0]) {
                case "keygen" -> hospital.keygen();
                case "seal" -> hospital.seal();
                case "vouch" -> hospital.vouch();
                case "agree" -> hospital.agree();
                case "release" -> hospital.release();
                case "receive" -> hospital.receive();
                case "verify" -> hospital.verify();
                default -> throw new IllegalArgumentException("say keygen, seal, vouch, agree, release, receive or verify");
            }
            return 0;
        } catch (RefusedByUs e) {
            Say.refused(e.codes, String.valueOf(e.getMessage()));
        } catch (SessionRefusedException e) {
            Say.refused(
                    e.refusal().reasons().stream().map(reason -> reason.code().name()).collect(Collectors.joining(",")),
                    e.refusal().explain());
        } catch (RefusedException e) {
            Say.refused(e.reason().name(), e.detail().explanation());
        } catch (CallException e) {
            Say.line("FAILED " + e.code() + " " + e.getMessage());
        } catch (IOException | GeneralSecurityException | MalformedException e) {
            Say.line("FAILED " + e.getMessage());
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            Say.line("USAGE " + e.getMessage());
            return 2;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 1;
    }

    /** This hospital refuses. */
    private static final class RefusedByUs extends Exception {
        private static final long serialVersionUID = 1L;

        private final String codes;

        RefusedByUs(String codes, String why) {
            super(why);
            this.codes = codes;
        }
    }

    private void keygen() throws IOException, GeneralSecurityException {
        folder.makeKeys(random);
        Say.line("owner " + folder.ownerPublic());
        Say.line("recipient " + folder.recipient());
    }

    private void seal() throws IOException {
        Path out = arguments.path("out");
        Path beside = out.resolveSibling(out.getFileName() + ".new");
        try (InputStream in = Files.newInputStream(arguments.path("data"));
                OutputStream to = Files.newOutputStream(beside)) {
            SealedFile.seal(in, to, List.of(folder.recipient()), random);
        }
        Files.move(beside, out, StandardCopyOption.ATOMIC_MOVE);
        byte[] sealed = Files.readAllBytes(out);
        Say.line("sealed " + Bytes.sha256(sealed) + " " + sealed.length);
    }

    /** Signs this hospital's part of a job that its vault may release to: the vault, the key there and the sealed file. */
    private void vouch() throws IOException, GeneralSecurityException {
        OwnersVault vault = new OwnersVault(
                VaultLocation.of(URI.create(arguments.text("vault"))),
                arguments.text("key"),
                Bytes.sha256(Files.readAllBytes(arguments.path("sealed"))));
        byte[] vouch = folder.sign(vault.toBeSigned(arguments.text("name")));
        folder.remember(vault);
        Say.line("vault " + vault.location());
        Say.line("key " + vault.key());
        Say.line("file " + vault.file());
        Say.line("vouch " + Bytes.of(vouch));
    }

    /** What a hospital asks of a job before it grants it at its vault; what it vouched for last is what may stand there. */
    private void agree() throws IOException, RefusedByUs {
        List<OwnersVault> vouched = folder.vouched();
        Job job = job(vouched.subList(Math.max(0, vouched.size() - 1), vouched.size()));
        String name = arguments.text("name");
        Optional<JobOwner> owner =
                job.owners().stream().filter(each -> each.name().equals(name)).findFirst();
        if (owner.isPresent() && !owner.get().key().base64().equals(folder.ownerPublic())) {
            throw new RefusedByUs("JOB_DIFFERS", "the job has another owner's key for " + name + " than this hospital's folder");
        }
        Optional<JobRecipient> recipient = job.recipient(name);
        if (recipient.isPresent() && !recipient.get().recipient().equals(folder.recipient().toString())) {
            throw new RefusedByUs("JOB_DIFFERS", "the job has another recipient for " + name + " than this hospital's folder");
        }
        if (owner.isEmpty() && recipient.isEmpty()) {
            throw new RefusedByUs("NOT_IN_JOB", "the job names no " + name);
        }
        Say.line("agreed " + job.digest());
    }

    private Job job() throws IOException, RefusedByUs {
        return job(folder.vouched());
    }

    /** The agreed job, in which each owner vouched for its vault, and this one for nothing but what is given. */
    private Job job(List<OwnersVault> vouched) throws IOException, RefusedByUs {
        Job job;
        try {
            job = Job.parse(Files.readAllBytes(arguments.path("job")));
        } catch (JobException e) {
            throw new RefusedByUs("JOB_MALFORMED", "the agreed job file: " + e.getMessage());
        }
        Optional<RefusedException.Detail> refusal =
                VouchCheck.refusal(job, new VouchCheck.Own(arguments.text("name"), folder.ownerPublic(), vouched));
        if (refusal.isPresent()) {
            throw new RefusedByUs(refusal.get().reason().name(), refusal.get().explanation());
        }
        return job;
    }

    /** Trust in exactly the code that the job names, on the one keeper that this hospital pinned. */
    private Trust trust(Job job) throws IOException {
        Trust trust = Trust.signer(job.code().signer(), job.code().product(), job.code().minSvn())
                .on(KeeperAnchor.parse(Files.readString(arguments.path("anchor")).strip()));
        if (!job.code().measurements().isEmpty()) {
            trust = trust.andMeasurement(job.code().measurements().toArray(Measurement[]::new));
        }
        if (!job.code().runtimes().isEmpty()) {
            trust = trust.runtime(job.code().runtimes().toArray(Bytes[]::new));
        }
        if (arguments.has("allow-same-user")) {
            trust = trust.allowSameUser();
        }
        return arguments.has("allow-mock") ? trust.allowMock() : trust;
    }

    private void release()
            throws IOException, GeneralSecurityException, RefusedByUs, RefusedException,
                    MalformedException, InterruptedException {
        Job job = job();
        Trust trust = trust(job);
        String name = arguments.text("name");
        try (Client client = Client.connect(arguments.address("connect"), trust)) {
            Say.line("trusted " + client.claims().measurement().orElseThrow());
            Training training = client.bind(Training.class);
            compare(job, training.job());
            release(training, name, job, client.binding());
            if (!arguments.has("no-wait")) {
                receive(job, trust, name, awaitResult(training, name));
            }
        }
    }

    /** Run again after this process or its connection ended, it finds that an earlier release counts, and goes on to the result. */
    private void release(Training training, String name, Job job, byte[] binding)
            throws IOException, GeneralSecurityException, RefusedException {
        boolean before = !folder.released(job.digest()).isEmpty();
        try {
            Say.line("released " + name + " " + training.release(newRelease(name, job, training.recipient(), binding)));
        } catch (RefusedException e) {
            if (e.reason() != RefusedException.Reason.OWNER_ALREADY_RELEASED || !before || arguments.has("no-wait")) {
                throw e;
            }
            Say.line("released-before " + name);
        }
    }

    private static void compare(Job agreed, Optional<byte[]> offered) throws RefusedByUs {
        if (offered.isEmpty()) {
            throw new RefusedByUs("NO_JOB", "the enclave has no job yet");
        }
        if (agreed.digest().equals(Bytes.sha256(offered.get()))) {
            return;
        }
        String differences;
        try {
            differences = String.join("\n", agreed.differences(Job.parse(offered.get())));
        } catch (JobException e) {
            differences = "it is not even a job: " + e.getMessage();
        }
        throw new RefusedByUs("JOB_DIFFERS", "the enclave's job is not the one agreed to:\n" + differences);
    }

    private Release newRelease(String name, Job job, String enclave, byte[] binding)
            throws IOException, GeneralSecurityException {
        byte[] sealed = Files.readAllBytes(arguments.path("sealed"));
        byte[] nonce = new byte[Release.NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] digest = Bytes.sha256(sealed).toArray();
        List<Identity> identities = folder.identities();
        try (FileKey key = SealedFile.unwrap(new ByteArrayInputStream(sealed), identities)) {
            byte[] sealedKey = Release.sealKey(key, Recipient.parse(enclave), random);
            Release unsigned = new Release(name, nonce, sealedKey, digest, sealed.length, new byte[0]);
            folder.remember(new HospitalFolder.Released(job.digest(), Bytes.of(nonce), Bytes.of(digest)));
            return unsigned.signed(folder.sign(unsigned.toBeSigned(job.digest(), binding)));
        } finally {
            identities.forEach(Identity::close);
        }
    }

    private static SealedResult awaitResult(Training training, String name)
            throws RefusedException, InterruptedException, IOException {
        long deadline = System.nanoTime() + RESULT_PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<SealedResult> result = training.result(name);
            if (result.isPresent()) {
                return result.get();
            }
            Thread.sleep(RESULT_POLL);
        }
        throw new IOException("no result within " + RESULT_PATIENCE.toMinutes() + " minutes; run release again, or later receive what the operator stores");
    }

    /** Opens the result that the operator stored, if the release's own session ended before it came. */
    private void receive() throws IOException, RefusedByUs, MalformedException {
        Job job = job();
        String name = arguments.text("name");
        receive(
                job,
                trust(job),
                name,
                new SealedResult(
                        name,
                        Files.readAllBytes(arguments.path("result")),
                        Files.readAllBytes(arguments.path("statement"))));
    }

    private void receive(Job job, Trust trust, String name, SealedResult sealed)
            throws IOException, RefusedByUs, MalformedException {
        List<Identity> identities = folder.identities();
        byte[] opened;
        try (InputStream in = SealedFile.unseal(new ByteArrayInputStream(sealed.result()), identities)) {
            opened = in.readAllBytes();
        } finally {
            identities.forEach(Identity::close);
        }
        check(job, trust, name, sealed.statement(), opened);
        Result result = Codec.of(Result.class).decode(opened);
        folder.keep(opened, sealed.statement(), result.model());
        tell(result);
        Say.line("done");
    }

    private static void tell(Result result) {
        Say.line("model " + Bytes.sha256(result.model()));
        Say.line("pooled " + text(result.pooled()));
        result.own().ifPresent(own -> {
            Say.line("alone " + text(own.alone()));
            Say.line("gain " + text(own.gain()));
        });
        Say.line("trained-on " + result.trainedOn());
        Say.line("held-out " + result.heldOut());
        Say.line("statement verified");
    }

    private static String text(Estimate estimate) {
        return String.format(Locale.ROOT, "%.4f %.4f %.4f", estimate.value(), estimate.low(), estimate.high());
    }

    private void verify() throws IOException, RefusedByUs, MalformedException {
        Job job = job();
        HospitalFolder.Kept kept = folder.kept();
        check(job, trust(job), arguments.text("name"), kept.statement(), kept.result());
        Result result = Codec.of(Result.class).decode(kept.result());
        if (!Arrays.equals(result.model(), kept.model())) {
            throw new RefusedByUs("RESULT_DIFFERS", "the model file beside the kept result is not the result's model");
        }
        tell(result);
    }

    /** The file that the job lets this hospital's vault release; {@link #job} checked that it is one of this folder's. */
    private static Optional<Bytes> fileOfVault(Job job, String name) throws RefusedByUs {
        try {
            for (JobOwner owner : job.owners()) {
                if (owner.name().equals(name)) {
                    return OwnersVault.of(job.parameters(), owner).map(OwnersVault::file);
                }
            }
            return Optional.empty();
        } catch (RefusedException e) {
            throw new RefusedByUs(e.reason().name(), e.detail().explanation());
        }
    }

    private void check(Job job, Trust trust, String name, byte[] statement, byte[] result)
            throws IOException, RefusedByUs, MalformedException {
        List<Fault> faults = StatementCheck.faults(
                job,
                trust,
                new StatementCheck.Own(name, folder.ownerPublic(), folder.released(job.digest()), fileOfVault(job, name)),
                statement,
                result);
        if (!faults.isEmpty()) {
            throw new RefusedByUs(
                    faults.stream().map(fault -> fault.code().name()).distinct().collect(Collectors.joining(",")),
                    faults.stream().map(Fault::text).collect(Collectors.joining("\n")));
        }
    }
}
