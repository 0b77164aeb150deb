package org.innerkeep.vault.azure;

import java.util.List;
import java.util.Optional;
import org.innerkeep.vault.key.KeyType;

/**
 * What keys there are, by their name in JSON Web Keys (RFC 7518 section 6.1, RFC 8037). Azure writes {@code -HSM} behind the name where
 * a hardware module holds the key; clients ask for that name to be able to release keys, so it is kept and answered, and says nothing
 * about how this vault keeps keys.
 */
enum WebKeyType {
    /** RSA of 2048, 3072 or 4096 bits. */
    RSA("RSA", KeyType.RSA, "encrypt decrypt sign verify wrapKey unwrapKey"),
    /** On the curves P-256, P-384 and P-521. */
    EC("EC", KeyType.EC, "sign verify"),
    /** Symmetric, of 128, 192 or 256 bits. */
    OCT("oct", KeyType.OCT, "encrypt decrypt wrapKey unwrapKey"),
    /** X25519. Azure has none of these. */
    OKP("OKP", KeyType.EC, "deriveKey deriveBits");

    private static final String HSM = "-HSM";

    private final String text;
    private final KeyType kept;
    private final String operations;

    WebKeyType(String text, KeyType kept, String operations) {
        this.text = text;
        this.kept = kept;
        this.operations = operations;
    }

    /** Finds one by its name, with {@code -HSM} behind it or not. */
    static Optional<WebKeyType> of(String name) {
        String bare = hardware(name) ? name.substring(0, name.length() - HSM.length()) : name;
        for (WebKeyType each : values()) {
            if (each.text.equals(bare)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** Whether a name has {@code -HSM} behind it. */
    static boolean hardware(String name) {
        return name.endsWith(HSM);
    }

    /** {@return the name in answers} */
    String text(boolean hardware) {
        return hardware ? text + HSM : text;
    }

    /** {@return the name in JSON Web Keys} */
    String text() {
        return text;
    }

    /** {@return what the store calls it} */
    KeyType kept() {
        return kept;
    }

    /** {@return what a key is for where nothing else is asked for} */
    List<String> operations() {
        return List.of(operations.split(" ", -1));
    }
}
