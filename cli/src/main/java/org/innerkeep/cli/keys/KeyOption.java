package org.innerkeep.cli.keys;

import java.io.IOException;
import picocli.CommandLine.Mixin;

/** To whom files for a key of a vault are sealed: for commands that seal. */
public final class KeyOption {
    @Mixin
    private VaultAddress server;

    /** Filled by the command line. */
    public KeyOption() {
        this.server = new VaultAddress();
    }

    /**
     * Asks the vault.
     *
     * @param name of the key
     * @return the recipient, {@code age1…}
     * @throws IOException if the vault cannot be reached, or there is no such key
     */
    public String recipient(String name) throws IOException {
        return server.getText("/vault/keys/" + Names.checked(name) + "/recipient");
    }
}
