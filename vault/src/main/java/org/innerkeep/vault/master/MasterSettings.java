package org.innerkeep.vault.master;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.ServiceConfiguration;

/**
 * How the master key is to be opened, and what is to change of that at this start: {@code vault-master-key} and what each way needs,
 * {@code vault-master-key-change}, {@code vault-recovery}, {@code vault-recover} and theirs.
 *
 * @param way in which it is wrapped from now on
 * @param keyFile of the way {@code file}; its folder is where the vault's other files are
 * @param passphraseFile of the way {@code passphrase}; without one the terminal is asked
 * @param token of the way {@code pkcs11}
 * @param change whether the way is changed at this start
 * @param previousKeyFile of the way before, where that is {@code file}
 * @param previousPassphraseFile of the way before, where that is {@code passphrase}
 * @param previousEnclaveKeyFile of the way before, where that is {@code enclave}
 * @param quorum of shares that there are to be
 * @param sharesFolder where they are written; without one they are shown at the terminal
 * @param renew whether shares are made anew
 * @param recover whether the vault is opened from shares
 * @param shareFiles with them; without any the terminal is asked
 */
record MasterSettings(
        Way way,
        Path keyFile,
        Optional<Path> passphraseFile,
        Optional<Token> token,
        boolean change,
        Optional<Path> previousKeyFile,
        Optional<Path> previousPassphraseFile,
        Optional<Path> previousEnclaveKeyFile,
        Optional<Quorum> quorum,
        Optional<Path> sharesFolder,
        boolean renew,
        boolean recover,
        List<Path> shareFiles) {
    private static final String LABEL = "innerkeep-vault";

    /**
     * A key in a token.
     *
     * @param library the path of the PKCS #11 module
     * @param slot the slot's id
     * @param pinFile with the user's PIN
     * @param label of the key
     */
    record Token(String library, long slot, Path pinFile, String label) {}

    /** Copies the list. */
    MasterSettings {
        shareFiles = List.copyOf(shareFiles);
    }

    /**
     * Reads the settings, and looks whether they can be followed.
     *
     * @param configuration the settings
     * @param attended whether somebody can be asked at a terminal
     * @return the settings
     * @throws IOException if a file or folder that one names is not what it should be
     * @throws IllegalArgumentException if one is not understood, or one is missing
     */
    static MasterSettings of(ServiceConfiguration configuration, boolean attended) throws IOException {
        String word = configuration.text("vault-master-key").orElse(Way.FILE.toString());
        Way way = Way.of(word).orElseThrow(() -> new IllegalArgumentException(
                "vault-master-key: expected one of " + Arrays.asList(Way.FILE, Way.PASSPHRASE, Way.PKCS11) + ", found '" + word
                        + "'"));
        MasterSettings settings = new MasterSettings(
                way,
                configuration.file("vault-master-key-file", "vault.key"),
                configuration.path("vault-passphrase-file"),
                token(configuration),
                configuration.flag("vault-master-key-change", false),
                configuration.path("vault-previous-master-key-file"),
                configuration.path("vault-previous-passphrase-file"),
                configuration.path("vault-previous-enclave-key-file"),
                quorum(configuration),
                configuration.path("vault-recovery-folder"),
                configuration.flag("vault-recovery-renew", false),
                configuration.flag("vault-recover", false),
                configuration.list("vault-recovery-shares").stream().map(Path::of).toList());
        settings.check(attended);
        return settings;
    }

    private static Optional<Token> token(ServiceConfiguration configuration) {
        Optional<String> library = configuration.text("vault-pkcs11-library");
        if (library.isEmpty()) {
            return Optional.empty();
        }
        String slot = configuration.text("vault-pkcs11-slot")
                .filter(each -> each.matches("[0-9]{1,18}"))
                .orElseThrow(() -> new IllegalArgumentException("vault-pkcs11-slot: expected the slot's number"));
        Path pin = configuration.path("vault-pkcs11-pin-file")
                .orElseThrow(() -> new IllegalArgumentException("vault-pkcs11-pin-file: expected with vault-pkcs11-library"));
        String label = configuration.text("vault-pkcs11-label").orElse(LABEL);
        if (!label.matches(Wrap.UnderToken.LABEL)) {
            throw new IllegalArgumentException("vault-pkcs11-label: expected up to 64 letters, digits, dots, underscores and hyphens");
        }
        return Optional.of(new Token(library.get(), Long.parseLong(slot), pin, label));
    }

    private static Optional<Quorum> quorum(ServiceConfiguration configuration) {
        Optional<String> text = configuration.text("vault-recovery");
        if (text.isEmpty() || text.get().equals("none")) {
            return Optional.empty();
        }
        try {
            Optional<Quorum> quorum = Quorum.parse(text.get());
            if (quorum.isPresent()) {
                return quorum;
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("vault-" + e.getMessage(), e);
        }
        throw new IllegalArgumentException(
                "vault-recovery: expected how many of how many shares open the vault, such as 3/5, found '" + text.get() + "'");
    }

    private void check(boolean attended) throws IOException {
        if (way == Way.PKCS11 && token.isEmpty()) {
            throw new IllegalArgumentException("vault-pkcs11-library: expected with vault-master-key=pkcs11");
        }
        if (way == Way.PASSPHRASE && passphraseFile.isEmpty() && !attended) {
            throw new IllegalArgumentException("vault-passphrase-file: expected with vault-master-key=passphrase where there is no terminal"
                    + " to ask for it");
        }
        if (change && recover) {
            throw new IllegalArgumentException("vault-recover: expected without vault-master-key-change: it puts the master key under what"
                    + " vault-master-key says by itself");
        }
        if (recover && shareFiles.isEmpty() && !attended) {
            throw new IllegalArgumentException("vault-recovery-shares: expected the files with the shares where there is no terminal to ask"
                    + " for them");
        }
        if (!recover && !shareFiles.isEmpty()) {
            throw new IllegalArgumentException("vault-recovery-shares: expected with vault-recover=true only");
        }
        if (renew && quorum.isEmpty()) {
            throw new IllegalArgumentException("vault-recovery-renew: expected with vault-recovery, such as 3/5");
        }
        if (quorum.isPresent() && sharesFolder.isEmpty() && !attended) {
            throw new IllegalArgumentException("vault-recovery-folder: expected where there is no terminal to show shares at");
        }
        checkFiles();
    }

    private void checkFiles() throws IOException {
        if (way == Way.ENCLAVE) {
            // There are no files.
            return;
        }
        Path folder = keyFile.toAbsolutePath().getParent();
        // The service's own folder is made with the service.
        if (folder == null || (Files.exists(folder) && !Files.isDirectory(folder))) {
            throw new IOException("vault-master-key-file: " + keyFile + " is in no folder");
        }
        if (sharesFolder.isPresent() && !Files.isDirectory(sharesFolder.get())) {
            throw new IOException("vault-recovery-folder: " + sharesFolder.get() + " is no folder; make it, for its owner alone");
        }
        for (Optional<Path> secret : List.of(
                passphraseFile, previousPassphraseFile, previousKeyFile, previousEnclaveKeyFile, token.map(Token::pinFile))) {
            if (secret.isPresent()) {
                Pem.requireOwnerOnly(secret.get());
            }
        }
        for (Path file : shareFiles) {
            if (!Files.isReadable(file)) {
                throw new IOException("vault-recovery-shares: " + file + " cannot be read");
            }
        }
    }
}
