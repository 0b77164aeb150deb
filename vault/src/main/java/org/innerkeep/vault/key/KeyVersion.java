package org.innerkeep.vault.key;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;

/**
 * One version of a key. Its secret is in it, wrapped under the master key: {@link KeyStore#open} unwraps it. Immutable.
 *
 * @param id 32 lower-case hexadecimal digits, chosen at random
 * @param type what it is
 * @param kty what clients call it, such as {@code RSA-HSM}; 1 to 32 letters, digits and hyphens
 * @param parameter its size in bits or its curve, such as {@code 3072}, {@code P-256} or {@code hybrid}; likewise
 * @param publicKey as {@link KeyType} has it, at most {@link #MAX_PUBLIC_BYTES}; empty where there is none
 * @param wrapped the secret, wrapped; empty once the key was purged
 * @param epoch the life of the vault in which it was wrapped
 * @param settings what may be changed
 * @param created when, in milliseconds
 * @param updated when its settings changed last
 */
public record KeyVersion(
        String id,
        KeyType type,
        String kty,
        String parameter,
        Bytes publicKey,
        Bytes wrapped,
        long epoch,
        KeySettings settings,
        Instant created,
        Instant updated) {
    /** The most bytes of a public key. */
    public static final int MAX_PUBLIC_BYTES = 4096;

    /** The most bytes of a secret. */
    public static final int MAX_SECRET_BYTES = 8192;

    static final int MAX_WRAPPED_BYTES = MAX_SECRET_BYTES + 64;
    static final int MAX_WORD = 32;

    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9-]{1,32}");

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public KeyVersion {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("key version: expected 32 lower-case hexadecimal digits");
        }
        checkWord("kty", kty);
        checkWord("parameter", parameter);
        if (publicKey.length() > MAX_PUBLIC_BYTES || wrapped.length() > MAX_WRAPPED_BYTES || epoch < 0) {
            throw new IllegalArgumentException("key version: a public key, a wrapped secret or an epoch is out of bounds");
        }
        created = created.truncatedTo(ChronoUnit.MILLIS);
        updated = updated.truncatedTo(ChronoUnit.MILLIS);
    }

    static void checkWord(String what, String text) {
        if (!WORD.matcher(text).matches()) {
            throw new IllegalArgumentException(what + ": expected 1 to " + MAX_WORD + " letters, digits and hyphens");
        }
    }

    KeyVersion with(KeySettings other, Instant at) {
        return new KeyVersion(id, type, kty, parameter, publicKey, wrapped, epoch, other, created, at);
    }

    KeyVersion wrapped(Bytes other, long in) {
        return new KeyVersion(id, type, kty, parameter, publicKey, other, in, settings, created, updated);
    }

    /**
     * Tells why it may not be used at a time.
     *
     * @param at the time
     * @return why not, or nothing where it may be used
     */
    public Optional<String> unusable(Instant at) {
        return wrapped.length() == 0 ? Optional.of("it was purged") : settings.unusable(at);
    }

    /** {@return which it is, in short} */
    @Override
    public String toString() {
        return kty + " " + parameter + " version " + id;
    }
}
