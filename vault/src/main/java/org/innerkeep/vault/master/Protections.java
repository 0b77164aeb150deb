package org.innerkeep.vault.master;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.token.WrappingKey;

/** Opens the ways to wrap a master key, by settings and the terminal. */
final class Protections {
    private static final int MAX_SECRET_FILE = 8192;

    private final MasterSettings settings;
    private final Optional<Terminal> terminal;
    private final Argon2 cost;
    private final Optional<WrappingKey> enclosed;
    private final SecureRandom random;

    /**
     * Ways.
     *
     * @param cost of a passphrase that is chosen now
     * @param enclosed the key of the enclave in which the vault runs, where it runs in one
     */
    Protections(
            MasterSettings settings, Optional<Terminal> terminal, Argon2 cost, Optional<WrappingKey> enclosed,
                    SecureRandom random) {
        this.settings = settings;
        this.terminal = terminal;
        this.cost = cost;
        this.enclosed = enclosed;
        this.random = random;
    }

    /** For a master key that is wrapped now: what is not there yet is made. */
    Protection fresh() throws IOException {
        return switch (settings.way()) {
            case FILE -> KeyFileProtection.open(settings.keyFile(), random);
            case PASSPHRASE -> freshPassphrase();
            case PKCS11 -> token(true);
            case ENCLAVE -> enclave();
        };
    }

    /** For a master key that was wrapped before, in the way that settings say. */
    Protection standing() throws IOException {
        return switch (settings.way()) {
            case FILE -> keyFile(settings.keyFile(), "vault-master-key-file");
            case PASSPHRASE -> passphrase(settings.passphraseFile(), "The vault's passphrase: ");
            case PKCS11 -> token(false);
            case ENCLAVE -> enclave();
        };
    }

    private Protection enclave() {
        return new EnclaveProtection(enclosed.orElseThrow(() -> new IllegalArgumentException("vault-master-key: 'enclave' is the"
                + " way of a"
                + " vault that runs in an enclave (innerkeep serve --in-enclave), which says it by itself")));
    }

    /** For a master key that is wrapped in a way which is given up now. */
    Protection previous(Way way) throws IOException {
        boolean same = way == settings.way();
        return switch (way) {
            case FILE -> keyFile(
                    settings.previousKeyFile().or(() -> same ? Optional.empty() : Optional.of(settings.keyFile()))
                            .orElseThrow(() -> new IllegalArgumentException("vault-previous-master-key-file: expected, to change from one"
                                    + " key file to another")),
                    "vault-previous-master-key-file");
            case PASSPHRASE -> passphrase(
                    settings.previousPassphraseFile().or(() -> same ? Optional.empty() : settings.passphraseFile()),
                    "The vault's passphrase until now: ");
            case PKCS11 -> {
                if (same) {
                    throw new IllegalArgumentException("vault-master-key-change: from one PKCS #11 token to another it takes two steps, by"
                            + " way of a file or a passphrase");
                }
                yield token(false);
            }
            case ENCLAVE -> ofEnclave(settings.previousEnclaveKeyFile());
        };
    }

    /** The key of an enclave whose state was recovered, and that runs no more. */
    private Protection ofEnclave(Optional<Path> file) throws IOException {
        if (file.isEmpty()) {
            return enclave();
        }
        if (!Files.exists(file.get())) {
            throw new IOException("vault-previous-enclave-key-file: " + file.get() + " is missing");
        }
        return new EnclaveProtection(WrappingKey.readOrCreate(file.get(), random));
    }

    /** A new one would open nothing, and look as if it were the right one. */
    private Protection keyFile(Path file, String setting) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("vault: the file that its master key is wrapped under, " + file + ", is missing; put it back, or name it"
                    + " with " + setting + ". If it is lost, open the vault from its recovery shares");
        }
        return KeyFileProtection.open(file, random);
    }

    private Protection token(boolean make) throws IOException {
        MasterSettings.Token token = settings.token().orElseThrow(
                () -> new IllegalArgumentException("vault-pkcs11-library: expected, since the vault's master key is wrapped in a token"));
        char[] pin = read(token.pinFile());
        try {
            return TokenProtection.open(token, pin, make, random);
        } finally {
            Arrays.fill(pin, '\0');
        }
    }

    private Protection passphrase(Optional<Path> file, String prompt) throws IOException {
        char[] passphrase = file.isPresent() ? read(file.get()) : asked(prompt);
        try {
            return PassphraseProtection.of(passphrase, cost, random);
        } finally {
            Arrays.fill(passphrase, '\0');
        }
    }

    private Protection freshPassphrase() throws IOException {
        char[] passphrase = {};
        char[] again = {};
        try {
            if (settings.passphraseFile().isPresent()) {
                passphrase = read(settings.passphraseFile().get());
            } else {
                passphrase = asked("A new passphrase for the vault: ");
                again = asked("Once more: ");
                if (!Arrays.equals(passphrase, again)) {
                    throw new IOException("vault: two different passphrases were typed; nothing was changed");
                }
            }
            return PassphraseProtection.ofNew(passphrase, cost, random);
        } finally {
            Arrays.fill(passphrase, '\0');
            Arrays.fill(again, '\0');
        }
    }

    private char[] asked(String prompt) throws IOException {
        return terminal.orElseThrow(() -> new IllegalArgumentException("vault-passphrase-file, vault-previous-passphrase-file: expected"
                        + " where there is no terminal to ask for the passphrase"))
                .secret(prompt);
    }

    /** What stands in a file, without the end of its line. */
    private static char[] read(Path file) throws IOException {
        Pem.requireOwnerOnly(file);
        byte[] bytes = {};
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_SECRET_FILE + 1);
            if (bytes.length > MAX_SECRET_FILE) {
                throw new IOException(file + ": expected at most " + MAX_SECRET_FILE + " bytes");
            }
            CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            char[] all = decoded.array();
            int length = decoded.length();
            while (length > 0 && (all[length - 1] == '\n' || all[length - 1] == '\r')) {
                length--;
            }
            char[] secret = Arrays.copyOf(all, length);
            Arrays.fill(all, '\0');
            return secret;
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": expected text in UTF-8", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
