package org.innerkeep.attestation.token;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.attestation.json.Base64Text;

/**
 * The keys of a service at one moment.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param keys all that are published, in any order
 * @param own the ids of those that this instance signs with: not one whose evidence is about other code, or that has evidence where this
 *     instance has none
 * @param preferred the algorithm of the keys that sign where there are any
 */
public record TokenKeys(List<TokenKey> keys, Set<String> own, TokenAlgorithm preferred) {
    private static final int P256_BYTES = 32;

    /** Copies the list and the set. */
    public TokenKeys {
        keys = List.copyOf(keys);
        own = Set.copyOf(own);
    }

    /**
     * The key that signs: of this instance's own that are active, the one that became so last, if possible of the preferred algorithm.
     *
     * @param at the time
     * @param tokenLifetime of what it is to sign
     * @return the key, or nothing where none is active
     */
    public Optional<TokenKey> signer(Instant at, Duration tokenLifetime) {
        return keys.stream()
                .filter(key -> own.contains(key.id()) && key.signsAt(at, tokenLifetime))
                .max(Comparator.comparing((TokenKey key) -> key.algorithm() == preferred)
                        .thenComparing(TokenKey::activeFrom)
                        .thenComparing(TokenKey::id));
    }

    /**
     * A key by its id.
     *
     * @param id the {@code kid}
     * @return the key, or nothing
     */
    public Optional<TokenKey> find(String id) {
        return keys.stream().filter(key -> key.id().equals(id)).findFirst();
    }

    /**
     * The JSON Web Key Set (RFC 7517) that relying parties fetch.
     *
     * @param at the time
     * @param tokenLifetime of what the signing key signs
     * @return {@code keys}, each with its certificate, the one that signs first
     */
    public Map<String, Object> keySet(Instant at, Duration tokenLifetime) {
        Optional<TokenKey> signer = signer(at, tokenLifetime);
        List<Map<String, Object>> published = new ArrayList<>();
        keys.stream()
                .filter(key -> key.publishedAt(at))
                .sorted(Comparator.comparing((TokenKey key) -> !signer.equals(Optional.of(key)))
                        .thenComparing(TokenKey::activeFrom, Comparator.reverseOrder()))
                .forEach(key -> published.add(webKey(key.id(), key.certificate())));
        return Map.of("keys", published);
    }

    /**
     * A certificate's key as a JWK, with the certificate.
     *
     * @param id the {@code kid}
     * @param certificate the certificate
     * @return the JWK, for verifying signatures
     */
    public static Map<String, Object> webKey(String id, X509Certificate certificate) {
        Map<String, Object> key = new LinkedHashMap<>();
        key.put("kid", id);
        switch (certificate.getPublicKey()) {
            case RSAPublicKey rsa -> {
                key.put("kty", "RSA");
                key.put("alg", "RS256");
                key.put("n", Base64Text.url(unsigned(rsa.getModulus(), 0)));
                key.put("e", Base64Text.url(unsigned(rsa.getPublicExponent(), 0)));
            }
            case ECPublicKey ec -> {
                int bytes = (ec.getParams().getCurve().getField().getFieldSize() + 7) / 8;
                key.put("kty", "EC");
                key.put("alg", bytes == P256_BYTES ? "ES256" : "ES384");
                key.put("crv", bytes == P256_BYTES ? "P-256" : "P-384");
                key.put("x", Base64Text.url(unsigned(ec.getW().getAffineX(), bytes)));
                key.put("y", Base64Text.url(unsigned(ec.getW().getAffineY(), bytes)));
            }
            default -> throw new IllegalArgumentException("a key of another kind than RSA or EC");
        }
        key.put("use", "sig");
        try {
            key.put("x5c", List.of(Base64.getEncoder().encodeToString(certificate.getEncoded())));
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a certificate without an encoding", e);
        }
        return key;
    }

    /** Big-endian without a sign, with leading zeros up to a length. */
    private static byte[] unsigned(BigInteger value, int length) {
        byte[] bytes = value.toByteArray();
        byte[] bare = bytes.length > 1 && bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
        byte[] padded = new byte[Math.max(length, bare.length)];
        System.arraycopy(bare, 0, padded, padded.length - bare.length, bare.length);
        return padded;
    }
}
