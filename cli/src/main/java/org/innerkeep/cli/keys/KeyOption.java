package org.innerkeep.cli.keys;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.innerkeep.channel.release.SignedRecipient;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** To whom files for a key of a vault are sealed: for commands that seal. */
public final class KeyOption {
    /** Clocks differ, and a recipient that was signed long ago may be that of an older version. */
    private static final Duration APART = Duration.ofMinutes(15);

    @Mixin
    private VaultAddress server;

    @Option(names = "--vault-key", paramLabel = "vault-key:…",
            description = "The vault's key, as 'innerkeep serve' shows it: then the vault must have signed to whom is sealed. Without it,"
                    + " whoever answers under the vault's address says it.")
    private @Nullable String vaultKey;

    /** Filled by the command line. */
    public KeyOption() {
        this.server = new VaultAddress();
    }

    /**
     * Asks the vault.
     *
     * @param name of the key
     * @return the recipient, {@code age1…}
     * @throws IOException if the vault cannot be reached, there is no such key, or the vault that was named did not sign the answer
     */
    public String recipient(String name) throws IOException {
        String path = "/vault/keys/" + Names.checked(name);
        if (vaultKey == null) {
            return server.getText(path + "/recipient");
        }
        return proven(VaultAnchor.parse(vaultKey.strip()), name, server.getText(path + "/signed-recipient"), Instant.now());
    }

    static String proven(VaultAnchor vault, String name, String answer, Instant now) throws IOException {
        SignedRecipient signed;
        try {
            signed = SignedRecipient.parse(Base64.getUrlDecoder().decode(answer.strip()));
        } catch (MalformedException | IllegalArgumentException e) {
            throw new IOException("key '" + name + "': the answer of the vault is no signed recipient: " + e.getMessage(), e);
        }
        Optional<String> recipient = signed.of(vault, name.toLowerCase(Locale.ROOT));
        if (recipient.isEmpty()) {
            throw new IOException("key '" + name + "': the vault " + vault.id().shortHex() + " did not sign this recipient for it; somebody"
                    + " else answers under its address, or --vault-key is another vault's");
        }
        if (Duration.between(signed.time(), now).abs().compareTo(APART) > 0) {
            throw new IOException("key '" + name + "': the vault signed its recipient at " + signed.time() + ", and here it is " + now
                    + ": set the clock, or look who answers with what was said before");
        }
        return recipient.get();
    }
}
