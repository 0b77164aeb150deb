package org.innerkeep.examples.hello;

import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;

/** Inside: offers a greeting to clients. */
public final class HelloEnclave implements EnclaveProgram {
    @Override
    public void start(EnclaveContext enclave) {
        enclave.offerToClients(Greeting.class, name -> "Hello, " + name + ", from inside");
    }
}
