package org.innerkeep.bench.inside;

import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;

/** Echoes to host and clients alike, and carries clients' streams. */
public final class EchoEnclave implements EnclaveProgram {
    @Override
    public void start(EnclaveContext enclave) {
        Echo echo = message -> message;
        enclave.offerToHost(Echo.class, echo);
        enclave.offerToClients(Echo.class, echo);
        enclave.offerToClients(Pipe.class, new Carrying());
    }
}
