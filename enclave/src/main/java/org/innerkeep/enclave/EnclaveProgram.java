package org.innerkeep.enclave;

/** The sensitive part of a program. The manifest names the class; it needs a public constructor without parameters. */
public interface EnclaveProgram {
    /**
     * Starts the program: offer interfaces here and return. The host reaches the enclave when this returns.
     *
     * @param enclave everything that the enclave can do; safe for use by several threads
     * @throws Exception if the program cannot start; the enclave ends, and the host learns the exception's type only
     */
    void start(EnclaveContext enclave) throws Exception;
}
