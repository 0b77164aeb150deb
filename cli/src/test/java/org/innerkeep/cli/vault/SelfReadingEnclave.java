package org.innerkeep.cli.vault;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.enclave.VaultException;
import org.innerkeep.enclave.VaultStream;

/**
 * Reads the file {@code patients.age} when it starts, as a program does that has its vault in its measured code, and needs nothing of its
 * host but to be started. It runs in the JVM of the test, which tells it the vault's address and takes what it read.
 */
public final class SelfReadingEnclave implements EnclaveProgram {
    static final BlockingQueue<String> ADDRESSES = new LinkedBlockingQueue<>();
    static final BlockingQueue<String> READ = new LinkedBlockingQueue<>();

    @Override
    public void start(EnclaveContext context) {
        try (VaultStream stream = context.vault(URI.create(ADDRESSES.remove())).open("patients")) {
            READ.add(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        } catch (VaultException e) {
            READ.add(e.code() + ": " + e.getMessage());
        } catch (IOException e) {
            READ.add(String.valueOf(e));
        }
    }
}
