package org.innerkeep.attestation.token;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.attestation.store.SigningKey.KeyMaterial;
import org.innerkeep.evidence.MalformedException;

/** Keys in the store, wrapped under a key file. While the service runs they are in its memory. */
public final class FileVault implements KeyVault {
    private final WrappingKey wrapping;
    private final Optional<Provider> provider;

    /**
     * Keys under a wrapping key, which this closes.
     *
     * @param wrapping the key
     * @param provider that signs, where it is not to be the platform's
     */
    public FileVault(WrappingKey wrapping, Optional<Provider> provider) {
        this.wrapping = wrapping;
        this.provider = provider;
    }

    @Override
    public Made make(TokenAlgorithm algorithm, Certifier certify) throws IOException {
        try {
            KeyPair pair = algorithm.generate(generator(algorithm.keys()));
            X509Certificate certificate = certify.certify(pair);
            byte[] encoded = pair.getPrivate().getEncoded();
            try {
                return new Made(certificate, new KeyMaterial.Wrapped(wrapping.wrap(TokenKey.idOf(certificate), encoded)));
            } finally {
                Arrays.fill(encoded, (byte) 0);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is part of every Java platform", e);
        }
    }

    /** Whoever signs makes the key: one of another provider would be read anew for every signature. */
    private KeyPairGenerator generator(String keys) throws GeneralSecurityException {
        return provider.isPresent() ? KeyPairGenerator.getInstance(keys, provider.get()) : KeyPairGenerator.getInstance(keys);
    }

    private KeyFactory factory(String keys) throws GeneralSecurityException {
        return provider.isPresent() ? KeyFactory.getInstance(keys, provider.get()) : KeyFactory.getInstance(keys);
    }

    @Override
    public PrivateKey open(String id, KeyMaterial material, PublicKey publicKey) throws IOException {
        if (!(material instanceof KeyMaterial.Wrapped wrapped)) {
            throw new IOException("signing key " + id + " is in a PKCS #11 token: start the service with that token");
        }
        byte[] encoded = new byte[0];
        try {
            encoded = wrapping.unwrap(id, wrapped.bytes());
            return factory(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (MalformedException e) {
            throw new IOException("signing key " + id + " cannot be opened: " + e.getMessage()
                    + ". Start the service with the key file that belongs to this store", e);
        } catch (GeneralSecurityException e) {
            throw new IOException("signing key " + id + ": what was wrapped is no private key", e);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /** Nothing of a key is kept here but by whoever has its material. */
    @Override
    public void forget(KeyMaterial material) {}

    @Override
    public Optional<Provider> provider() {
        return provider;
    }

    @Override
    public void close() {
        wrapping.close();
    }
}
