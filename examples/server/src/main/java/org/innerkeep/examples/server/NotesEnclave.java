package org.innerkeep.examples.server;

import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.examples.server.notes.NotesMain;

/** All that it takes: start the service, say where it listens. */
public final class NotesEnclave implements EnclaveProgram {
    private static final String PORT = "8080";

    @Override
    public void start(EnclaveContext enclave) {
        enclave.offerServer(Integer.parseInt(PORT));
        NotesMain.main(new String[] {PORT});
    }
}
