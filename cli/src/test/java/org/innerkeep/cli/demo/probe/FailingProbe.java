package org.innerkeep.cli.demo.probe;

import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;

/** A program whose start fails with a message that must stay inside. */
public final class FailingProbe implements EnclaveProgram {
    /** Where the message begins; the rest of it is in no file. */
    public static final String MESSAGE = "this must stay inside: ";

    @Override
    public void start(EnclaveContext context) {
        throw new UnsupportedOperationException(MESSAGE + context.identity().productId());
    }
}
