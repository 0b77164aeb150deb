package org.innerkeep.vault.azure;

import java.security.PrivateKey;
import java.security.PublicKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.vault.key.KeySecret;

/**
 * A key that was just made or imported. Close it to wipe the secret.
 *
 * @param type its type
 * @param parameter its size in bits, or its curve
 * @param publicKey SubjectPublicKeyInfo in DER; empty for a symmetric key
 * @param secret PKCS #8 in DER; the bytes of a symmetric key
 */
record FreshKey(WebKeyType type, String parameter, Bytes publicKey, KeySecret secret) implements AutoCloseable {
    static FreshKey of(WebKeyType type, String parameter, PublicKey open, PrivateKey secret) {
        return new FreshKey(type, parameter, Bytes.of(open.getEncoded()), KeySecret.owning(secret.getEncoded()));
    }

    /** Takes the bytes over. */
    static FreshKey symmetric(byte[] secret) {
        return new FreshKey(WebKeyType.OCT, String.valueOf(secret.length * 8), Bytes.EMPTY, KeySecret.owning(secret));
    }

    @Override
    public void close() {
        secret.close();
    }
}
