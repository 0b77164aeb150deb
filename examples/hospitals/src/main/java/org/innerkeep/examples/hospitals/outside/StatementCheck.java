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
import org.innerkeep.examples.hospitals.TrainingStatement;
import org.innerkeep.examples.hospitals.TrainingStatement.OwnerPart;

/** Whether a statement is of the enclave, the job, the owners, this hospital's own release and the model at hand. Offline. */
final class StatementCheck {
    private StatementCheck() {}

    static List<String> faults(
            Job job,
            Trust trust,
            String name,
            String ownerPublic,
            List<HospitalFolder.Released> released,
            byte[] statement,
            byte[] model)
            throws MalformedException {
        return switch (trust.verifyStatement(statement)) {
            case StatementVerdict.Refused refused ->
                refused.reasons().stream().map(Reason::toString).toList();
            case StatementVerdict.Accepted accepted -> {
                List<String> faults = new ArrayList<>();
                if (!accepted.purpose().equals(TrainingStatement.PURPOSE)) {
                    faults.add("the statement is of another purpose: " + accepted.purpose());
                    yield faults;
                }
                TrainingStatement said =
                        Codec.of(TrainingStatement.class).decode(accepted.content().toArray());
                require(Bytes.of(said.jobDigest()).equals(job.digest()), "it is about another job", faults);
                require(
                        Bytes.of(said.modelDigest()).equals(Bytes.sha256(model)),
                        "it is about another model than the one at hand",
                        faults);
                List<String> keys = said.owners().stream()
                        .map(owner -> owner.name() + " " + Base64.getEncoder().encodeToString(owner.key()))
                        .toList();
                List<String> agreed = job.owners().stream()
                        .map(owner -> owner.name() + " " + owner.key().base64())
                        .toList();
                require(keys.equals(agreed), "its owners are not exactly the job's", faults);
                Optional<OwnerPart> own =
                        said.owners().stream().filter(owner -> owner.name().equals(name)).findFirst();
                require(
                        own.isPresent()
                                && Base64.getEncoder().encodeToString(own.get().key()).equals(ownerPublic)
                                && released.contains(new HospitalFolder.Released(
                                        job.digest(), Bytes.of(own.get().nonce()), Bytes.of(own.get().inputDigest()))),
                        "it does not repeat this hospital's own key, nonce and file",
                        faults);
                yield faults;
            }
        };
    }

    private static void require(boolean holds, String otherwise, List<String> faults) {
        if (!holds) {
            faults.add(otherwise);
        }
    }
}
