package org.innerkeep.attestation.token;

import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.evidence.Bytes;

/**
 * A key that signs tokens, with its self-signed certificate. It is published before it signs, and for long after it stopped, so that
 * clients that fetch keys once and keep them find it.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param id the {@code kid}
 * @param privateKey the key; in a PKCS#11 token it is a reference
 * @param provider which can use the key, where it is not one of the platform's
 * @param certificate of its public key, RSA of at least 2048 bits or P-256
 * @param activeFrom when it begins to sign
 * @param retireAt when it is no longer published; the last token that it signs ends by then
 */
public record TokenKey(
        String id,
        PrivateKey privateKey,
        Optional<Provider> provider,
        X509Certificate certificate,
        Instant activeFrom,
        Instant retireAt) {
    private static final int MIN_RSA_BITS = 2048;
    private static final int P256_BITS = 256;

    /**
     * Checks the public key and the times.
     *
     * @throws IllegalArgumentException if the key is of another kind or the times are out of order
     */
    public TokenKey {
        boolean sound = switch (certificate.getPublicKey()) {
            case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= MIN_RSA_BITS;
            case ECPublicKey ec -> ec.getParams().getCurve().getField().getFieldSize() == P256_BITS;
            default -> false;
        };
        if (!sound || !retireAt.isAfter(activeFrom)) {
            throw new IllegalArgumentException(
                    "signing key " + id + ": expected RSA of at least " + MIN_RSA_BITS + " bits or P-256, and an end after its begin");
        }
    }

    /**
     * The id of a key.
     *
     * @param certificate its certificate
     * @return base64url of SHA-256 of its SubjectPublicKeyInfo
     */
    public static String idOf(X509Certificate certificate) {
        return Base64Text.url(Bytes.sha256(certificate.getPublicKey().getEncoded()).toArray());
    }

    /** {@return the algorithm that it signs by} */
    public TokenAlgorithm algorithm() {
        return certificate.getPublicKey() instanceof RSAPublicKey ? TokenAlgorithm.RS256 : TokenAlgorithm.ES256;
    }

    /**
     * Tells whether it signs: its tokens must end while it is published.
     *
     * @param at the time
     * @param tokenLifetime of what it would sign
     * @return whether it signs then
     */
    public boolean signsAt(Instant at, Duration tokenLifetime) {
        return !at.isBefore(activeFrom) && !at.plus(tokenLifetime).isAfter(retireAt);
    }

    /**
     * Tells whether relying parties may need it, now or soon.
     *
     * @param at the time
     * @return whether it is to be published
     */
    public boolean publishedAt(Instant at) {
        return at.isBefore(retireAt);
    }

    /** {@return the id; the key itself is never shown} */
    @Override
    public String toString() {
        return "signing key " + id;
    }
}
