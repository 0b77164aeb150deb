package org.innerkeep.cli.vault;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.enclave.Vault;
import org.innerkeep.enclave.VaultException;
import org.innerkeep.enclave.VaultStream;
import org.innerkeep.evidence.Bytes;

/** Opens what it is told to. */
public final class ReaderEnclave implements EnclaveProgram, Reader {
    private volatile Optional<EnclaveContext> enclave = Optional.empty();
    private volatile Optional<VaultStream> open = Optional.empty();

    /** What may fail. */
    @FunctionalInterface
    private interface Doing {
        String run() throws IOException;
    }

    @Override
    public void start(EnclaveContext context) {
        enclave = Optional.of(context);
        context.offerToHost(Reader.class, this);
    }

    private static Got got(Doing doing) {
        try {
            return new Got("", doing.run());
        } catch (VaultException e) {
            return new Got(e.code().name(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Got(e.getClass().getSimpleName(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Got read(String vault, String key, String file, Optional<byte[]> job) {
        return got(() -> {
            Vault asked = enclave.orElseThrow().vault(URI.create(vault));
            asked = job.isPresent() ? asked.forJob(Bytes.of(job.get())) : asked;
            try (VaultStream stream = asked.open(key, file)) {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            }
        });
    }

    @Override
    public Got begin(String vault, String key, String file) {
        return got(() -> {
            open = Optional.of(enclave.orElseThrow().vault(URI.create(vault)).open(key, file));
            return "";
        });
    }

    @Override
    public Got next(int bytes) {
        return got(() -> new String(open.orElseThrow().readNBytes(bytes), StandardCharsets.UTF_8));
    }
}
