package org.innerkeep.attestation.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.innerkeep.evidence.Bytes;

/**
 * A key that signs tokens, as it is kept. When it is used and published is the caller's decision; the store keeps the times.
 *
 * @param kid the key id, 1 to 128 characters
 * @param certificates the key's certificate and those above it, DER, 1 to 8, each at most 64 KiB
 * @param material where the private key is
 * @param createdAt when it was made; cut to milliseconds
 * @param activeFrom when tokens may first be signed with it; cut to milliseconds
 * @param retireAt when it is no longer published, at least {@code activeFrom}; cut to milliseconds
 */
public record SigningKey(
        String kid, List<Bytes> certificates, KeyMaterial material, Instant createdAt, Instant activeFrom, Instant retireAt) {
    /** Where a private key is. */
    public sealed interface KeyMaterial {
        /**
         * Here, encrypted by the caller.
         *
         * @param bytes the wrapped key, 1 byte to 16 KiB
         */
        record Wrapped(Bytes bytes) implements KeyMaterial {
            /** {@return that there is a key, without its bytes} */
            @Override
            public String toString() {
                return "wrapped key of " + bytes.length() + " bytes";
            }
        }

        /**
         * In a token that speaks PKCS #11.
         *
         * @param reference how the caller finds it there, 1 to 1024 characters; no secret
         */
        record Pkcs11(String reference) implements KeyMaterial {}
    }

    static final int MAX_CERTIFICATES = 8;
    static final int MAX_CERTIFICATE_BYTES = 64 * 1024;
    static final int MAX_WRAPPED_BYTES = 16 * 1024;
    static final int MAX_REFERENCE_CHARS = 1024;
    static final int MAX_KID_CHARS = 128;

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public SigningKey {
        certificates = List.copyOf(certificates);
        if (kid.isEmpty() || kid.length() > MAX_KID_CHARS) {
            throw new IllegalArgumentException("kid: expected 1 to " + MAX_KID_CHARS + " characters, found " + kid.length());
        }
        if (certificates.isEmpty() || certificates.size() > MAX_CERTIFICATES) {
            throw new IllegalArgumentException(
                    "certificates: expected 1 to " + MAX_CERTIFICATES + ", found " + certificates.size());
        }
        if (certificates.stream().anyMatch(each -> each.length() == 0 || each.length() > MAX_CERTIFICATE_BYTES)) {
            throw new IllegalArgumentException("certificates: expected each to have 1 to " + MAX_CERTIFICATE_BYTES + " bytes");
        }
        switch (material) {
            case KeyMaterial.Wrapped wrapped -> {
                if (wrapped.bytes().length() == 0 || wrapped.bytes().length() > MAX_WRAPPED_BYTES) {
                    throw new IllegalArgumentException("wrapped key: expected 1 to " + MAX_WRAPPED_BYTES + " bytes");
                }
            }
            case KeyMaterial.Pkcs11 token -> {
                if (token.reference().isEmpty() || token.reference().length() > MAX_REFERENCE_CHARS) {
                    throw new IllegalArgumentException("PKCS #11 reference: expected 1 to " + MAX_REFERENCE_CHARS + " characters");
                }
            }
        }
        createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
        activeFrom = activeFrom.truncatedTo(ChronoUnit.MILLIS);
        retireAt = retireAt.truncatedTo(ChronoUnit.MILLIS);
        if (retireAt.isBefore(activeFrom)) {
            throw new IllegalArgumentException("retire at: expected " + activeFrom + " or later, found " + retireAt);
        }
    }
}
