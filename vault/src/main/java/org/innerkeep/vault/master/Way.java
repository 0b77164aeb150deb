package org.innerkeep.vault.master;

import java.util.Arrays;
import java.util.Optional;

/** A way to wrap a master key, by the word that settings have for it. */
enum Way {
    /** Under a key in a file. */
    FILE("file"),
    /** Under a passphrase. */
    PASSPHRASE("passphrase"),
    /** Under a key in a token that speaks PKCS #11. */
    PKCS11("pkcs11"),
    /** Under a key that is sealed to the enclave in which the vault runs. */
    ENCLAVE("enclave");

    private final String word;

    Way(String word) {
        this.word = word;
    }

    static Optional<Way> of(String word) {
        return Arrays.stream(values()).filter(way -> way.word.equals(word)).findFirst();
    }

    /** {@return the word} */
    @Override
    public String toString() {
        return word;
    }
}
