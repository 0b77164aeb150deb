package org.innerkeep.cli.trust;

import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.innerkeep.client.Trust;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** A vault that a host carries messages to, and how it knows it: what stands behind one {@code --vault} is for that one alone. */
public final class CarriedVault {
    @Option(
            names = "--vault",
            required = true,
            paramLabel = "URL",
            description = "A vault that the enclave may be connected to. Repeatable; none unless given. Where it runs in an"
                    + " enclave, options of that one follow.")
    private @Nullable URI address;

    @ArgGroup(exclusive = false)
    private @Nullable VaultTrust trust;

    /** Filled by the command line. */
    public CarriedVault() {
        // None until one is named.
    }

    /** {@return where it is} */
    public URI address() {
        if (address == null) {
            throw new IllegalStateException("the command line requires it");
        }
        return address;
    }

    /**
     * The trust.
     *
     * @return what was said of this one's enclave; nothing where it is in none
     * @throws IOException if a file cannot be read, or what was said is not whole or not understood
     */
    public Optional<Trust> trust() throws IOException {
        return trust == null ? Optional.empty() : trust.trust();
    }
}
