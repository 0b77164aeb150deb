package org.innerkeep.bench.inside;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;

/** Echoes to host and clients alike, and carries streams. */
public final class EchoEnclave implements EnclaveProgram {
    @Override
    public void start(EnclaveContext enclave) {
        Echo echo = message -> message;
        Pipe pipe = new Pipe() {
            @Override
            public long take(InputStream content) {
                try {
                    return content.transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public InputStream give(long bytes) {
                return new Zeros(bytes);
            }
        };
        enclave.offerToHost(Echo.class, echo);
        enclave.offerToHost(Readings.class, reading -> reading);
        enclave.offerToHost(Pipe.class, pipe);
        enclave.offerToClients(Echo.class, echo);
        enclave.offerToClients(Pipe.class, pipe);
    }
}
