package org.innerkeep.cli.vault;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.innerkeep.cli.vault.Reader.Got;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.enclave.EnclaveStore;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.StoreException;
import org.innerkeep.enclave.StoreSettings;
import org.innerkeep.enclave.Stored;
import org.innerkeep.enclave.VaultException;

/** Keeps one value. */
public final class NotebookEnclave implements EnclaveProgram, Notebook {
    private static final String NAME = "notes";

    private volatile Optional<EnclaveContext> enclave = Optional.empty();

    /** What may fail. */
    @FunctionalInterface
    private interface Doing {
        String run() throws IOException;
    }

    @Override
    public void start(EnclaveContext context) {
        enclave = Optional.of(context);
        context.offerToHost(Notebook.class, this);
    }

    private EnclaveStore store(String vault) {
        EnclaveContext context = enclave.orElseThrow();
        StoreSettings settings = StoreSettings.sealedTo(SealTo.SIGNER);
        return context.store(vault.isEmpty() ? settings : settings.registeredAt(context.vault(URI.create(vault)), "state"));
    }

    private static Got got(Doing doing) {
        try {
            return new Got("", doing.run());
        } catch (StoreException e) {
            return new Got(e.code().name(), String.valueOf(e.getMessage()));
        } catch (VaultException e) {
            return new Got(e.code().name(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Got(e.getClass().getSimpleName(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Got write(String vault, String value) {
        return got(() -> String.valueOf(store(vault).put(NAME, value.getBytes(StandardCharsets.UTF_8))));
    }

    @Override
    public Got read(String vault) {
        return got(() -> {
            Optional<Stored> stored = store(vault).get(NAME);
            return stored.map(found -> found.freshness() + " " + new String(found.value(), StandardCharsets.UTF_8)).orElse("none");
        });
    }
}
