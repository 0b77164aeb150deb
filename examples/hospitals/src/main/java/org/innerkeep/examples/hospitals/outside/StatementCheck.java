package org.innerkeep.examples.hospitals.outside;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.job.Job;
import org.innerkeep.client.StatementVerdict;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.examples.hospitals.Result;
import org.innerkeep.examples.hospitals.TrainingStatement;
import org.innerkeep.examples.hospitals.TrainingStatement.OwnerPart;

/** Whether a statement is of the enclave, the job, the owners, this hospital's own release and the result at hand. Offline. */
final class StatementCheck {
    /** What is wrong. Names are stable: programs and tests may rely on them. */
    enum Code {
        /** No trusted enclave signed it, or it is about another job, other owners or another release. */
        STATEMENT_WRONG,
        /** The enclave gave this recipient another result than the one at hand: other figures, another model, or another's. */
        RESULT_DIFFERS
    }

    /**
     * One thing that is wrong.
     *
     * @param code which
     * @param text for people
     */
    record Fault(Code code, String text) {}

    private final List<Fault> faults = new ArrayList<>();

    private StatementCheck() {}

    /**
     * Checks.
     *
     * @param job the job agreed to
     * @param trust in which enclave
     * @param own this hospital's part
     * @param statement the signed statement, hostile
     * @param result the encoded result exactly as it was opened, hostile
     * @return everything that is wrong; empty if the enclave stated this result
     * @throws MalformedException if statement or result cannot be read
     */
    static List<Fault> faults(Job job, Trust trust, Own own, byte[] statement, byte[] result) throws MalformedException {
        StatementCheck check = new StatementCheck();
        switch (trust.verifyStatement(statement)) {
            case StatementVerdict.Refused refused ->
                refused.reasons().stream().map(Reason::toString).forEach(reason -> check.require(false, Code.STATEMENT_WRONG, reason));
            case StatementVerdict.Accepted accepted when !accepted.purpose().equals(TrainingStatement.PURPOSE) ->
                check.require(false, Code.STATEMENT_WRONG, "the statement is of another purpose: " + accepted.purpose());
            case StatementVerdict.Accepted accepted -> {
                TrainingStatement said =
                        Codec.of(TrainingStatement.class).decode(accepted.content().toArray());
                check.aboutJob(job, own, said);
                check.aboutResult(own, said, result);
            }
        }
        return check.faults;
    }

    /**
     * This hospital's part.
     *
     * @param name its name in the job
     * @param publicKey its owner's key, base64
     * @param released everything that it released to the job
     * @param vaults the digest of the file that it vouched for, where the job lets its vault release it
     */
    record Own(String name, String publicKey, List<HospitalFolder.Released> released, Optional<Bytes> vaults) {}

    private void aboutJob(Job job, Own own, TrainingStatement said) {
        require(Bytes.of(said.jobDigest()).equals(job.digest()), Code.STATEMENT_WRONG, "it is about another job");
        List<String> keys = said.owners().stream()
                .map(owner -> owner.name() + " " + Base64.getEncoder().encodeToString(owner.key()))
                .toList();
        List<String> agreed = job.owners().stream()
                .map(owner -> owner.name() + " " + owner.key().base64())
                .toList();
        require(keys.equals(agreed), Code.STATEMENT_WRONG, "its owners are not exactly the job's");
        Optional<OwnerPart> part =
                said.owners().stream().filter(owner -> owner.name().equals(own.name())).findFirst();
        require(
                part.isPresent()
                        && Base64.getEncoder().encodeToString(part.get().key()).equals(own.publicKey())
                        && (own.released().contains(new HospitalFolder.Released(
                                        job.digest(), Bytes.of(part.get().nonce()), Bytes.of(part.get().inputDigest())))
                                || own.vaults().equals(Optional.of(Bytes.of(part.get().inputDigest())))),
                Code.STATEMENT_WRONG,
                "it does not repeat this hospital's own key, nonce and file");
    }

    private void aboutResult(Own own, TrainingStatement said, byte[] result) throws MalformedException {
        require(
                said.results().stream()
                        .anyMatch(part -> part.recipient().equals(own.name())
                                && Bytes.of(part.resultDigest()).equals(Bytes.sha256(result))),
                Code.RESULT_DIFFERS,
                "the enclave gave " + own.name()
                        + " another result than the one at hand: its figures or its model were changed, or it is another recipient's");
        Result opened = Codec.of(Result.class).decode(result);
        require(
                Bytes.of(said.modelDigest()).equals(Bytes.sha256(opened.model())),
                Code.RESULT_DIFFERS,
                "the enclave trained another model than the one at hand");
    }

    private void require(boolean holds, Code code, String otherwise) {
        if (!holds) {
            faults.add(new Fault(code, otherwise));
        }
    }
}
