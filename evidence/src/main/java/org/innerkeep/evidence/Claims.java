package org.innerkeep.evidence;

import java.time.Instant;
import java.util.Map;

/**
 * Proven claims about an enclave. Only a verifier makes them; whoever holds one may rely on it as far as the platform
 * is trusted.
 *
 * @param kind the kind of evidence, {@code keeper-report}
 * @param platform the platform, {@code process}, {@code vm}, {@code sgx}, {@code snp}, {@code tdx}, {@code cca} or
 *     {@code mock}
 * @param measurement of exactly what runs
 * @param signer SHA-256 of the SubjectPublicKeyInfo of whoever signed the bundle, 32 bytes
 * @param productId the product id, 0 to 2^32-1
 * @param securityVersion the security version (SVN), 0 to 2^32-1
 * @param debug whether the enclave can be debugged
 * @param reportData the 64 bytes that the enclave had signed
 * @param issuedAt when the platform signed, by the platform's clock
 * @param anchor identifies the pinned anchor that vouches; SHA-256 of its SubjectPublicKeyInfo, 32 bytes
 * @param details further claims of this kind by name: {@code bundle-digest}, {@code runtime-digest},
 *     {@code launch-digest} (lower-case hexadecimal), {@code isolation} ({@code separate-user} or {@code same-user}),
 *     {@code memory-readable-by} ({@code root}; {@code host} where debug or a shared user lets whoever runs the host read
 *     it too; {@code everyone} on {@code mock}), {@code enclave-id} (16 bytes, lower-case hexadecimal)
 */
public record Claims(
        String kind,
        String platform,
        Measurement measurement,
        Bytes signer,
        long productId,
        long securityVersion,
        boolean debug,
        Bytes reportData,
        Instant issuedAt,
        Bytes anchor,
        Map<String, String> details) {
    /** Copies the details. */
    public Claims {
        details = Map.copyOf(details);
    }
}
