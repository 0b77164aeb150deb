package org.innerkeep.evidence;

import java.security.cert.X509Certificate;

/**
 * The root key of one maker of hardware, pinned by the key and not by a certificate: makers renew certificates and keep keys.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param maker for whom it vouches
 * @param publicKey the SubjectPublicKeyInfo, DER, at most 2048 bytes
 */
public record MakerRoot(Maker maker, Bytes publicKey) implements Anchor {
    private static final int MAX_KEY_BYTES = 2048;

    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if the key is empty or larger
     */
    public MakerRoot {
        if (publicKey.length() == 0 || publicKey.length() > MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "root key of " + maker + ": expected 1 to " + MAX_KEY_BYTES + " bytes, found " + publicKey.length());
        }
    }

    /**
     * Pins the key of a root certificate.
     *
     * @param maker for whom it vouches
     * @param certificate whose key is pinned; nothing else of it counts
     * @return the anchor
     */
    public static MakerRoot of(Maker maker, X509Certificate certificate) {
        return new MakerRoot(maker, Bytes.of(certificate.getPublicKey().getEncoded()));
    }

    @Override
    public Bytes id() {
        return Bytes.sha256(publicKey.toArray());
    }

    /** {@return the maker and the key's id, in short} */
    @Override
    public String toString() {
        return maker + " root " + id().shortHex();
    }
}
