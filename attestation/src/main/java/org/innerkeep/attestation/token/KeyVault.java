package org.innerkeep.attestation.token;

import java.io.IOException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.innerkeep.attestation.store.SigningKey;

/** Where private keys of tokens live. Safe for use by several threads. */
public interface KeyVault extends AutoCloseable {
    /**
     * A key that was made.
     *
     * @param certificate of its public key
     * @param material how it is found again
     */
    record Made(X509Certificate certificate, SigningKey.KeyMaterial material) {}

    /** Makes the certificate of a key. */
    @FunctionalInterface
    interface Certifier {
        /**
         * Certifies.
         *
         * @param pair whose private key may be a reference that only {@link KeyVault#provider} can use
         * @return the certificate
         * @throws IOException if what belongs into it cannot be had
         */
        X509Certificate certify(KeyPair pair) throws IOException;
    }

    /**
     * Makes a key.
     *
     * @param algorithm that it signs by
     * @param certify makes the certificate
     * @return the key
     * @throws IOException if it cannot be made, certified or kept; then nothing of it is kept
     */
    Made make(TokenAlgorithm algorithm, Certifier certify) throws IOException;

    /**
     * Opens a key for signing.
     *
     * @param id of the key, {@link TokenKey#idOf}
     * @param material from {@link #make}
     * @param publicKey that belongs to it
     * @return the private key
     * @throws IOException if it is not here, or not of this public key
     */
    PrivateKey open(String id, SigningKey.KeyMaterial material, PublicKey publicKey) throws IOException;

    /**
     * Forgets a key that was made and is not to be used, so that nothing of it is left behind.
     *
     * @param material from {@link #make}
     */
    void forget(SigningKey.KeyMaterial material);

    /** {@return who can use the keys, where it is not a provider of the platform's} */
    Optional<Provider> provider();

    @Override
    void close();
}
