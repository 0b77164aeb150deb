package org.innerkeep.attestation.token;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.attestation.store.SigningKey.KeyMaterial;

/** Keys in a token that speaks PKCS #11, which they never leave: what the service holds are references. */
public final class Pkcs11Vault implements KeyVault {
    private static final System.Logger LOG = System.getLogger("org.innerkeep.attestation.keys");

    private final Provider provider;
    private final KeyStore keys;
    private final char[] pin;

    private Pkcs11Vault(Provider provider, KeyStore keys, char[] pin) {
        this.provider = provider;
        this.keys = keys;
        this.pin = pin;
    }

    /**
     * Opens a token. The Java platform registers nothing.
     *
     * @param library the path of the module, such as {@code /usr/lib/softhsm/libsofthsm2.so}
     * @param slot the slot's id
     * @param pin the user's PIN; copied, and wiped when this is closed
     * @return the vault
     * @throws IOException if the token cannot be opened
     */
    public static Pkcs11Vault open(String library, long slot, char[] pin) throws IOException {
        Pkcs11Token token = Pkcs11Token.open(library, slot, pin, attributes("CKK_RSA") + attributes("CKK_EC"));
        return new Pkcs11Vault(token.provider(), token.keys(), pin.clone());
    }

    private static String attributes(String keyType) {
        return "attributes(generate,CKO_PRIVATE_KEY," + keyType + ") = {\n CKA_TOKEN = true\n CKA_SENSITIVE = true\n"
                + " CKA_EXTRACTABLE = false\n CKA_SIGN = true\n}\n";
    }

    @Override
    public Made make(TokenAlgorithm algorithm, Certifier certify) throws IOException {
        try {
            // From here on it is in the token, whatever happens next.
            KeyPair pair = algorithm.generate(KeyPairGenerator.getInstance(algorithm.keys(), provider));
            boolean kept = false;
            try {
                X509Certificate certificate = certify.certify(pair);
                String alias = TokenKey.idOf(certificate);
                keys.setKeyEntry(alias, pair.getPrivate(), pin, new Certificate[] {certificate});
                kept = true;
                return new Made(certificate, new KeyMaterial.Pkcs11(alias));
            } finally {
                if (!kept) {
                    forget(pair);
                }
            }
        } catch (GeneralSecurityException | ProviderException e) {
            throw new IOException("the PKCS #11 token makes no signing key: " + e.getMessage(), e);
        }
    }

    /** Java takes only entries with a certificate out of a token, so it gets one that says nothing. */
    private void forget(KeyPair pair) {
        try {
            Instant now = Instant.now();
            X509Certificate certificate = SelfSigned.ofTokens(
                    "discarded", pair, provider(), now, now.plus(Duration.ofMinutes(1)), Optional.empty(), new SecureRandom());
            String alias = TokenKey.idOf(certificate);
            keys.setKeyEntry(alias, pair.getPrivate(), pin, new Certificate[] {certificate});
            keys.deleteEntry(alias);
        } catch (GeneralSecurityException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a key that was made in the PKCS #11 token and could not be certified is left in it"
                    + " without a name; delete it there: " + e.getMessage());
        }
    }

    @Override
    public void forget(KeyMaterial material) {
        if (material instanceof KeyMaterial.Pkcs11 token) {
            try {
                keys.deleteEntry(token.reference());
            } catch (GeneralSecurityException | ProviderException e) {
                LOG.log(System.Logger.Level.WARNING, "signing key " + token.reference() + ", which is not used, is left in the PKCS #11"
                        + " token; delete it there: " + e.getMessage());
            }
        }
    }

    @Override
    public PrivateKey open(String id, KeyMaterial material, PublicKey publicKey) throws IOException {
        if (!(material instanceof KeyMaterial.Pkcs11 token)) {
            throw new IOException("signing key " + id + " is wrapped in the store: start the service with its key file");
        }
        try {
            Certificate certificate = keys.getCertificate(token.reference());
            Key key = keys.getKey(token.reference(), pin);
            if (key instanceof PrivateKey found && certificate != null && certificate.getPublicKey().equals(publicKey)) {
                return found;
            }
        } catch (GeneralSecurityException | ProviderException e) {
            throw new IOException("signing key " + id + " cannot be opened in the PKCS #11 token: " + e.getMessage(), e);
        }
        throw new IOException("signing key " + id + " is not in this PKCS #11 token; start the service with the one it was made in");
    }

    @Override
    public Optional<Provider> provider() {
        return Optional.of(provider);
    }

    @Override
    public void close() {
        Arrays.fill(pin, '\0');
    }

    /** {@return the token's name, without the PIN} */
    @Override
    public String toString() {
        return provider.getName();
    }
}
