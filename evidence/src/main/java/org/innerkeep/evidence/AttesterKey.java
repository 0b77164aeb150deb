package org.innerkeep.evidence;

/**
 * The attestation key of one machine, pinned by itself because no certificate leads to it, or none is asked for.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param kind for which kind of evidence it vouches
 * @param publicKey the SubjectPublicKeyInfo, DER, at most 2048 bytes
 */
public record AttesterKey(Kind kind, Bytes publicKey) implements Anchor {
    private static final int MAX_KEY_BYTES = 2048;

    /** For which kind of evidence a key vouches. */
    public enum Kind {
        /** TPM quotes: the attestation key (AK). */
        TPM,
        /** Arm CCA platform tokens: the CCA platform attestation key (CPAK). */
        CCA,
        /** PSA tokens: the initial attestation key (IAK). */
        PSA
    }

    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if the key is empty or larger
     */
    public AttesterKey {
        if (publicKey.length() == 0 || publicKey.length() > MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    kind + " key: expected 1 to " + MAX_KEY_BYTES + " bytes, found " + publicKey.length());
        }
    }

    @Override
    public Bytes id() {
        return Bytes.sha256(publicKey.toArray());
    }

    /** {@return the kind and the key's id, in short} */
    @Override
    public String toString() {
        return kind + " key " + id().shortHex();
    }
}
