package org.innerkeep.attestation.token;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;

/**
 * A token that speaks PKCS #11, opened and logged in to. The Java platform registers nothing.
 *
 * @param provider that works with keys of the token
 * @param keys in the token
 */
public record Pkcs11Token(Provider provider, KeyStore keys) {
    /**
     * Opens a token.
     *
     * @param library the path of the module, such as {@code /usr/lib/softhsm/libsofthsm2.so}
     * @param slot the slot's id
     * @param pin the user's PIN; stays the caller's to wipe
     * @param attributes of keys that are made, as the configuration of SunPKCS11 has them
     * @return the token
     * @throws IOException if it cannot be opened
     */
    public static Pkcs11Token open(String library, long slot, char[] pin, String attributes) throws IOException {
        if (!library.matches("[A-Za-z0-9/._+-]+")) {
            throw new IOException("PKCS #11 library: expected a path of letters, digits and /._+-");
        }
        try {
            Provider bare = Security.getProvider("SunPKCS11");
            if (bare == null) {
                throw new IOException("this Java runtime has no module jdk.crypto.cryptoki, which PKCS #11 needs");
            }
            Provider provider =
                    bare.configure("--name=innerkeep\nlibrary=" + library + "\nslot=" + slot + "\n" + attributes);
            KeyStore keys = KeyStore.getInstance("PKCS11", provider);
            load(keys, pin);
            return new Pkcs11Token(provider, keys);
        } catch (GeneralSecurityException | ProviderException | IllegalArgumentException e) {
            throw new IOException("the PKCS #11 token in slot " + slot + " of " + library + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** "load failed", it says, whatever the reason is: the token's own code is that of the innermost cause. */
    private static void load(KeyStore keys, char[] pin) throws IOException, GeneralSecurityException {
        try {
            keys.load(null, pin);
        } catch (IOException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw new GeneralSecurityException(cause.getMessage(), e);
        }
    }

    /** {@return the token's name} */
    @Override
    public String toString() {
        return provider.getName();
    }
}
