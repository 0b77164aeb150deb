package org.innerkeep.host;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.channel.session.Appraiser;

/**
 * What a host does for its enclaves that need vaults: to which vaults it carries, and from which folder it gives sealed files. An
 * enclave is a stranger to its operator: it cannot make the host send anything elsewhere, or read any other file.
 *
 * <p>What is carried is public, or encrypted and signed; the HTTPS that the host speaks to a vault keeps outsiders from seeing
 * which key is asked for, and nothing depends on it.
 *
 * <p>Immutable and safe for use by several threads; every method returns a changed copy.
 */
public final class VaultAccess {
    private static final VaultAccess NONE = new VaultAccess(Map.of(), Optional.empty());

    private final Map<String, Known> vaults;
    private final Optional<Path> folder;

    /** By what a vault's server is known. */
    sealed interface Known {
        /** A certificate authority of the system. */
        record OfSystem() implements Known {}

        /** Certificates in a file. */
        record ByAuthorities(Path file) implements Known {}

        /** The evidence in its certificate. */
        record ByEvidence(Appraiser appraiser) implements Known {}
    }

    private VaultAccess(Map<String, Known> vaults, Optional<Path> folder) {
        this.vaults = vaults;
        this.folder = folder;
    }

    /** {@return access to nothing} */
    public static VaultAccess none() {
        return NONE;
    }

    /**
     * With one vault more, whose server a certificate authority of the system vouches for.
     *
     * @param vault its address; a key behind it is not looked at, for the enclave has its own
     * @return a changed copy
     * @throws IllegalArgumentException if it is no https address, or http to a loopback address in digits
     */
    public VaultAccess to(URI vault) {
        return to(vault, new Known.OfSystem());
    }

    /**
     * With one vault more, whose server certain certificates vouch for.
     *
     * @param vault its address; a key behind it is not looked at, for the enclave has its own
     * @param authorities a file of certificates in PEM, at most 1 MiB
     * @return a changed copy
     * @throws IllegalArgumentException if it is no https address, or http to a loopback address in digits
     */
    public VaultAccess to(URI vault, Path authorities) {
        return to(vault, new Known.ByAuthorities(authorities));
    }

    /**
     * With one vault more, which runs in an enclave: its certificate is its own, and is taken for the evidence in it alone.
     * Enclaves that are carried there know the vault by its key all the same; what is decided here is to whom the host itself
     * speaks.
     *
     * @param vault its address; a key behind it is not looked at, for the enclave has its own
     * @param appraiser decides about the vault's evidence, such as a {@code Trust}; safe for use by several threads
     * @return a changed copy
     * @throws IllegalArgumentException if it is no https address
     */
    public VaultAccess to(URI vault, Appraiser appraiser) {
        if (!"https".equalsIgnoreCase(vault.getScheme())) {
            throw new IllegalArgumentException("vault: expected an https address, since evidence comes in the server's"
                    + " certificate; found "
                    + vault.getScheme());
        }
        return to(vault, new Known.ByEvidence(appraiser));
    }

    private VaultAccess to(URI vault, Known known) {
        Map<String, Known> more = new LinkedHashMap<>(vaults);
        more.put(VaultLocation.address(vault), known);
        return new VaultAccess(more, folder);
    }

    /**
     * With the ordinary files that lie in a folder, not below it, and whose names have only letters, digits, dots, hyphens and
     * underscores and do not begin with a dot. Links are not followed.
     *
     * @param ofSealedFiles the folder; nobody who is not trusted with its files may write there
     * @return a changed copy
     * @throws IOException if it is no folder
     */
    public VaultAccess files(Path ofSealedFiles) throws IOException {
        Path real = ofSealedFiles.toRealPath();
        if (!Files.isDirectory(real)) {
            throw new NotDirectoryException(ofSealedFiles.toString());
        }
        return new VaultAccess(vaults, Optional.of(real));
    }

    /**
     * What does it, for hosts of one's own that look at what goes through: offer what wraps it under {@link VaultCarrier}. All
     * others use {@link Host#carrying}.
     *
     * @return a carrier, safe for use by several threads; to be closed when no enclave uses it any more
     * @throws IOException if a file of certificates cannot be read
     */
    public HttpCarrier carrier() throws IOException {
        return HttpCarrier.within(this);
    }

    /** By address. */
    Map<String, Known> vaults() {
        return vaults;
    }

    Optional<Path> folder() {
        return folder;
    }
}
