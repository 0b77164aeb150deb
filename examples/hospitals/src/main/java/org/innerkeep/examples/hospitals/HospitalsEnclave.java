package org.innerkeep.examples.hospitals;

import java.nio.file.Path;
import java.security.SecureRandom;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;

/** Inside: one training job, for whoever owns its data. */
public final class HospitalsEnclave implements EnclaveProgram {
    @Override
    public void start(EnclaveContext enclave) {
        Path library = enclave.nativeLibrary("xgboost4j");
        TrainingRoom room = new TrainingRoom(
                Trainer.load(library),
                OwnCode.of(enclave),
                content -> enclave.sign(TrainingStatement.PURPOSE, content),
                (vault, job, sealed) -> enclave.vault(vault.location().toUri()).forJob(job).open(vault.key(), sealed),
                new SecureRandom());
        enclave.offerToEachClient(Training.class, session -> new HospitalDesk(room, session.binding()));
        enclave.offerToHost(Operator.class, room);
    }
}
