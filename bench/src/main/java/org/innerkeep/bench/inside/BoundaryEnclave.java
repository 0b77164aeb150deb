package org.innerkeep.bench.inside;

import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;

/** What {@link EchoEnclave} does, and records and streams for the host as well. */
public final class BoundaryEnclave implements EnclaveProgram {
    @Override
    public void start(EnclaveContext enclave) {
        new EchoEnclave().start(enclave);
        enclave.offerToHost(Readings.class, reading -> reading);
        enclave.offerToHost(Pipe.class, new Carrying());
    }
}
