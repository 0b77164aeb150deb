package org.innerkeep.inside;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.enclave.VaultException;
import org.innerkeep.enclave.VaultStream;

/** Reads one sealed file for its host, which is the test: a real program would give away no plaintext. */
public final class PatientsEnclave implements EnclaveProgram {
    /** Made by the runtime. */
    public PatientsEnclave() {
        // Nothing to prepare.
    }

    @Override
    public void start(EnclaveContext enclave) {
        enclave.offerToHost(Patients.class, vault -> {
            try (VaultStream stream = enclave.vault(URI.create(vault)).within(Duration.ofSeconds(5)).open("patients")) {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (VaultException e) {
                return e.code() + " " + e.getMessage();
            } catch (IOException e) {
                return String.valueOf(e.getMessage());
            }
        });
    }
}
