package org.innerkeep.examples.hospitals.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobCode;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobParameter;
import org.innerkeep.channel.job.JobRecipient;
import org.innerkeep.channel.job.OwnerKey;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Statement;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.examples.hospitals.Estimate;
import org.innerkeep.examples.hospitals.Result;
import org.innerkeep.examples.hospitals.TrainingStatement;
import org.innerkeep.examples.hospitals.TrainingStatement.OwnerPart;
import org.innerkeep.examples.hospitals.TrainingStatement.ResultPart;
import org.innerkeep.examples.hospitals.outside.HospitalFolder.Released;
import org.innerkeep.examples.hospitals.outside.StatementCheck.Code;
import org.innerkeep.examples.hospitals.outside.StatementCheck.Fault;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a hospital takes for the enclave's word about its result. */
class StatementCheckTest {
    private static final List<String> NAMES = List.of("district", "oncology");
    private static final byte[] MODEL = {7, 7, 7};

    private final KeyPair keeper = newKey("EC");
    private final KeyPair enclave = newKey("EC");
    private final List<KeyPair> owners = List.of(newKey("Ed25519"), newKey("Ed25519"));
    private final byte[] nonce = digest("nonce").toArray();
    private final byte[] input = digest("input").toArray();
    private final Trust trust = Trust.signer(digest("signer"), 7, 2).on(KeeperAnchor.of(keeper.getPublic()));
    private Job job;
    private List<byte[]> results;
    private TrainingStatement said;

    @BeforeEach
    void train() throws Exception {
        JobDraft draft = new JobDraft("job", new JobCode(digest("signer"), 7, 2, List.of(), List.of()), List.of("age"), "dead");
        List<OwnerPart> parts = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            byte[] key = owners.get(i).getPublic().getEncoded();
            draft.owner(new JobOwner(NAMES.get(i), OwnerKey.parse(key)));
            draft.recipient(new JobRecipient(NAMES.get(i), new Recipient(digest(NAMES.get(i))).toString()));
            parts.add(new OwnerPart(NAMES.get(i), key, nonce, input, 100));
        }
        job = draft.toJob();
        results = List.of(result(MODEL, 0.7, 1), result(MODEL, 0.7, 2));
        said = new TrainingStatement(
                job.digest().toArray(), parts, Bytes.sha256(MODEL).toArray(), 100, 100, parts(results));
    }

    private static List<ResultPart> parts(List<byte[]> results) {
        return List.of(
                new ResultPart(NAMES.get(0), Bytes.sha256(results.get(0)).toArray()),
                new ResultPart(NAMES.get(1), Bytes.sha256(results.get(1)).toArray()));
    }

    private static byte[] result(byte[] model, double auc, int salt) {
        Estimate pooled = new Estimate(auc, auc - 0.1, auc + 0.1);
        return Codec.of(Result.class)
                .encode(new Result(
                        Bytes.sha256(new byte[] {(byte) salt}).toArray(),
                        model,
                        List.of("age"),
                        100,
                        100,
                        pooled,
                        Optional.of(new Result.Own(pooled, pooled))));
    }

    private byte[] sign(String purpose, TrainingStatement content) {
        Statement.Unsigned unsigned =
                new Statement.Unsigned(purpose, Bytes.of(Codec.of(TrainingStatement.class).encode(content)));
        Bytes reportData = Bytes.of(unsigned.reportData(enclave.getPublic()));
        byte[] evidence = new KeeperReport(
                        KeeperReport.PROCESS,
                        KeeperReport.processMeasurement(
                                KeeperReport.PROCESS, digest("bundle"), digest("runtime"), digest("launch")),
                        digest("bundle"),
                        digest("runtime"),
                        digest("launch"),
                        digest("signer"),
                        7,
                        2,
                        false,
                        KeeperReport.Isolation.SEPARATE_USER,
                        Confinement.NONE,
                        Bytes.of(new byte[KeeperReport.ENCLAVE_ID_LENGTH]),
                        reportData,
                        Instant.now().truncatedTo(ChronoUnit.SECONDS))
                .sign(keeper.getPrivate(), keeper.getPublic());
        return unsigned.sign(enclave.getPrivate(), enclave.getPublic(), evidence);
    }

    private List<Code> faults(TrainingStatement statement, byte[] result) throws Exception {
        return faults(job, sign(TrainingStatement.PURPOSE, statement), result);
    }

    private List<Code> faults(Job agreed, byte[] statement, byte[] result) throws Exception {
        StatementCheck.Own own = new StatementCheck.Own(
                "district",
                Base64.getEncoder().encodeToString(owners.getFirst().getPublic().getEncoded()),
                List.of(new Released(job.digest(), Bytes.of(nonce), Bytes.of(input))),
                Optional.empty());
        return StatementCheck.faults(agreed, trust, own, statement, result).stream()
                .map(Fault::code)
                .toList();
    }

    @Test
    void takesTheResultThatTheEnclaveNamesForThisHospital() throws Exception {
        assertThat(faults(said, results.getFirst())).isEmpty();
    }

    @Test
    void aReleaseByTheVaultCountsForTheFileThatThisHospitalVouchedForAlone() throws Exception {
        byte[] statement = sign(TrainingStatement.PURPOSE, said);
        String key = Base64.getEncoder().encodeToString(owners.getFirst().getPublic().getEncoded());

        assertThat(StatementCheck.faults(
                        job, trust, new StatementCheck.Own("district", key, List.of(), Optional.of(Bytes.of(input))), statement,
                        results.getFirst()))
                .isEmpty();
        for (Optional<Bytes> other : List.of(Optional.of(digest("made up")), Optional.<Bytes>empty())) {
            assertThat(StatementCheck.faults(
                            job, trust, new StatementCheck.Own("district", key, List.of(), other), statement, results.getFirst()))
                    .extracting(Fault::code)
                    .containsExactly(Code.STATEMENT_WRONG);
        }
    }

    @Test
    void refusesForgedFiguresAroundATrueModelAndATrueStatement() throws Exception {
        assertThat(faults(said, result(MODEL, 0.9, 1))).as("with the true salt").containsExactly(Code.RESULT_DIFFERS);
        assertThat(faults(said, result(MODEL, 0.9, 3))).as("with an own salt").containsExactly(Code.RESULT_DIFFERS);
    }

    @Test
    void refusesAnotherRecipientsResult() throws Exception {
        assertThat(faults(said, results.getLast())).containsExactly(Code.RESULT_DIFFERS);
    }

    @Test
    void refusesAStatementThatNamesNoResultOrAnotherRecipientsForThisHospital() throws Exception {
        List<ResultPart> swapped = List.of(
                new ResultPart("district", Bytes.sha256(results.getLast()).toArray()),
                new ResultPart("oncology", Bytes.sha256(results.getFirst()).toArray()));

        assertThat(faults(with(List.of()), results.getFirst())).containsExactly(Code.RESULT_DIFFERS);
        assertThat(faults(with(swapped), results.getFirst())).containsExactly(Code.RESULT_DIFFERS);
    }

    private TrainingStatement with(List<ResultPart> parts) {
        return new TrainingStatement(said.jobDigest(), said.owners(), said.modelDigest(), 100, 100, parts);
    }

    @Test
    void refusesAnotherModelEvenInAResultThatTheStatementNames() throws Exception {
        byte[] other = result(new byte[] {8}, 0.7, 1);

        assertThat(faults(with(parts(List.of(other, other))), other)).containsExactly(Code.RESULT_DIFFERS);
    }

    @Test
    void refusesAStatementAboutAnotherJobOfOtherOwnersOrForAnotherPurpose() throws Exception {
        Job other = new JobDraft(job).parameter("rounds", JobParameter.number("1")).toJob();
        byte[] statement = sign(TrainingStatement.PURPOSE, said);

        // It is about another job, so this hospital's release to the agreed one does not count either.
        assertThat(faults(other, statement, results.getFirst())).containsOnly(Code.STATEMENT_WRONG).hasSize(2);
        assertThat(faults(job, sign("another purpose", said), results.getFirst())).containsExactly(Code.STATEMENT_WRONG);
        TrainingStatement fewer = new TrainingStatement(
                said.jobDigest(), said.owners().subList(0, 1), said.modelDigest(), 100, 100, said.results());
        assertThat(faults(fewer, results.getFirst())).containsExactly(Code.STATEMENT_WRONG);
    }

    @Test
    void refusesAStatementThatNoTrustedEnclaveSigned() throws Exception {
        byte[] changed = sign(TrainingStatement.PURPOSE, said);
        changed[changed.length - 1] ^= 1;

        assertThat(faults(job, changed, results.getFirst())).contains(Code.STATEMENT_WRONG).doesNotContain(Code.RESULT_DIFFERS);
    }

    private static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static KeyPair newKey(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
