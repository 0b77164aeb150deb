package org.innerkeep.evidence;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Proven claims about an enclave. Only a verifier makes them; whoever holds one may rely on it as far as the platform
 * is trusted. What a kind of evidence does not say is absent: it is never made up.
 *
 * @param kind the kind of evidence, such as {@code keeper-report}, {@code sgx-quote}, {@code tdx-quote}, {@code snp-report},
 *     {@code nitro-document}, {@code tpm-quote}, {@code azure-snp}, {@code azure-tdx}, {@code cca-token}, {@code psa-token},
 *     {@code token}
 * @param platform the platform, {@code process}, {@code vm}, {@code sgx}, {@code snp}, {@code tdx}, {@code nitro}, {@code cca},
 *     {@code tpm}, {@code psa}, {@code gpu} or {@code mock}
 * @param measurement of exactly what runs; absent where the evidence has none
 * @param signer who signed the code, where the kind of evidence has such a thing: SHA-256 of the SubjectPublicKeyInfo of whoever
 *     signed the bundle, MRSIGNER, the digest of the SNP author or id key
 * @param productId the product id, 0 to 2^32-1
 * @param securityVersion the security version (SVN), 0 to 2^32-1
 * @param debug whether the enclave can be debugged
 * @param reportData the bytes that the enclave had signed, of which it can choose the value: report data, nonce or challenge
 * @param issuedAt when the platform signed, by the platform's clock, where it says so
 * @param anchor identifies the pinned anchor that vouches; SHA-256 of its SubjectPublicKeyInfo, 32 bytes
 * @param details further claims by name, sorted. Over all kinds: {@code memory-readable-by} ({@code nobody} outside the processor,
 *     {@code device} where a device of an Arm CCA platform has a link that is not encrypted, {@code root}, {@code hypervisor},
 *     {@code host} where debug or a shared user lets whoever runs the host read it, {@code everyone} on {@code mock}) and, where makers
 *     publish one, {@code tcb-status}. Names beginning with {@code x-ms-} are those of Microsoft Azure Attestation
 */
public record Claims(
        String kind,
        String platform,
        Optional<Measurement> measurement,
        Optional<Bytes> signer,
        OptionalLong productId,
        OptionalLong securityVersion,
        boolean debug,
        Bytes reportData,
        Optional<Instant> issuedAt,
        Bytes anchor,
        Map<String, ClaimValue> details) {
    /** The detail that says who can read the enclave's memory. */
    public static final String MEMORY_READABLE_BY = "memory-readable-by";

    /** The detail that says how current the platform's trusted computing base is, in Intel's words. */
    public static final String TCB_STATUS = "tcb-status";

    /**
     * The detail of a token that says what kind of evidence its service saw, such as {@code keeper-report}. Only tokens that say
     * everything that was proven have it; no claim that a service's policy issues can.
     */
    public static final String ATTESTED_KIND = "attested-kind";

    /** The detail of such a token that says when the platform signed the evidence, as in ISO 8601, where the evidence says so. */
    public static final String ATTESTED_AT = "attested-at";

    /** The detail of such a token that says which anchor vouched for the evidence: its id, in hexadecimal. */
    public static final String ATTESTED_ANCHOR = "attested-anchor";

    /** Copies the details. */
    public Claims {
        details = Collections.unmodifiableMap(new TreeMap<>(details));
    }

    /**
     * Adds details.
     *
     * @param more by name; they take the place of details of the same name
     * @return changed claims
     */
    public Claims withDetails(Map<String, ClaimValue> more) {
        Map<String, ClaimValue> all = new TreeMap<>(details);
        all.putAll(more);
        return new Claims(
                kind, platform, measurement, signer, productId, securityVersion, debug, reportData, issuedAt, anchor, all);
    }

    /**
     * A detail that is text.
     *
     * @param name its name
     * @return its value, or nothing where it is absent or not text
     */
    public Optional<String> text(String name) {
        return details.get(name) instanceof ClaimValue.Text text ? Optional.of(text.value()) : Optional.empty();
    }

    /**
     * All claims by the names that appraisal policies know. Every detail is there under its own name; beside them, where the evidence
     * has them, {@code kind}, {@code platform}, {@code measurement} (as {@link Measurement#toString} writes it), {@code signer},
     * {@code product-id}, {@code security-version}, {@code debug}, {@code report-data}, {@code issued-at} (seconds since 1970) and
     * {@code anchor}; and {@code x-ms-attestation-type} and the {@code $} names under which Microsoft Azure Attestation has some of
     * them. No detail can take the place of one of these.
     *
     * @return values by name, sorted; unmodifiable
     */
    public Map<String, ClaimValue> named() {
        return PolicyNames.of(this);
    }
}
