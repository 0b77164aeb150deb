package org.innerkeep.channel.file;

import java.security.Provider;
import java.util.Objects;
import java.util.Optional;

/**
 * Who works on a whole file: how many threads, and whose cipher.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param threads how many, the calling one included: at least 1, of which at most 32 are used. Each takes about 600 KiB of memory to
 *     seal, 1.2 MiB to open. The others are started for files of more than 512 KiB only
 * @param provider whose {@code ChaCha20-Poly1305} the payload goes through; the JDK's if there is none. It is trusted with the key and
 *     the plaintext as the JDK is, and may leave copies of the key in memory, which the JDK's does not. Headers are the JDK's in any case
 */
public record Workers(int threads, Optional<Provider> provider) {
    /** The calling thread alone, and the JDK's cipher: what enclaves use unless they say otherwise. */
    public static final Workers ONE = new Workers(1, Optional.empty());

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if there are no threads
     */
    public Workers {
        Objects.requireNonNull(provider, "provider");
        if (threads < 1) {
            throw new IllegalArgumentException("at least one thread seals or opens a file, not " + threads);
        }
    }

    /**
     * Some threads with the JDK's cipher.
     *
     * @param threads how many
     * @return them
     * @throws IllegalArgumentException if there are no threads
     */
    public static Workers of(int threads) {
        return new Workers(threads, Optional.empty());
    }

    /**
     * The same with the cipher of another provider, for instance one of native code.
     *
     * @param cipher has {@code ChaCha20-Poly1305}; need not be registered
     * @return them
     */
    public Workers with(Provider cipher) {
        return new Workers(threads, Optional.of(cipher));
    }
}
