package org.innerkeep.attestation.token;

import com.nimbusds.jose.JWSAlgorithm;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How tokens are signed (RFC 7518 section 3.1). */
public enum TokenAlgorithm {
    /** RSASSA-PKCS1-v1_5 with SHA-256, by keys of 3072 bits: what every client of the interface knows. */
    RS256("RSA"),

    /** ECDSA with P-256 and SHA-256: shorter signatures, of which no two are the same. */
    ES256("EC");

    private static final int RSA_BITS = 3072;

    private final String keys;

    TokenAlgorithm(String keys) {
        this.keys = keys;
    }

    /**
     * Finds an algorithm by its name.
     *
     * @param name as in a token's header, exactly
     * @return the algorithm
     * @throws IllegalArgumentException if it is none of these
     */
    public static TokenAlgorithm of(String name) {
        return Arrays.stream(values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected one of " + List.of(values()) + ", found '" + name + "'"));
    }

    /**
     * Finds the algorithm that a key signs by.
     *
     * @param key the public key
     * @return the algorithm, or nothing for keys of another kind
     */
    public static Optional<TokenAlgorithm> of(PublicKey key) {
        return Arrays.stream(values()).filter(each -> each.keys.equals(key.getAlgorithm())).findFirst();
    }

    /** {@return whether the same key and the same claims always give the same token} */
    public boolean repeatable() {
        return this == RS256;
    }

    JWSAlgorithm jws() {
        return switch (this) {
            case RS256 -> JWSAlgorithm.RS256;
            case ES256 -> JWSAlgorithm.ES256;
        };
    }

    /** The name of its keys, as the Java platform has it. */
    String keys() {
        return keys;
    }

    /** Makes a pair by a generator for {@link #keys}; where its randomness comes from is the generator's business. */
    KeyPair generate(KeyPairGenerator generator) throws GeneralSecurityException {
        generator.initialize(switch (this) {
            case RS256 -> new RSAKeyGenParameterSpec(RSA_BITS, RSAKeyGenParameterSpec.F4);
            case ES256 -> new ECGenParameterSpec("secp256r1");
        });
        return generator.generateKeyPair();
    }
}
