package org.innerkeep.attestation.jws;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Optional;

/**
 * A signature algorithm of JWS (RFC 7518 section 3.1) that a public key verifies. Those by a shared secret are not here, so a public key
 * can never be taken for one.
 */
public enum JwsAlgorithm {
    /** RSASSA-PKCS1-v1_5 with SHA-256. */
    RS256("SHA256withRSA", 0),
    /** RSASSA-PKCS1-v1_5 with SHA-384. */
    RS384("SHA384withRSA", 0),
    /** RSASSA-PKCS1-v1_5 with SHA-512. */
    RS512("SHA512withRSA", 0),
    /** RSASSA-PSS with SHA-256 and a salt of 32 bytes. */
    PS256("RSASSA-PSS", 0),
    /** ECDSA with P-256 and SHA-256. */
    ES256("SHA256withECDSAinP1363Format", 256),
    /** ECDSA with P-384 and SHA-384. */
    ES384("SHA384withECDSAinP1363Format", 384);

    /** The least bits of an RSA key. */
    public static final int MIN_RSA_BITS = 2048;

    private static final int MAX_RSA_BITS = 8192;
    private static final int PS256_SALT = 32;

    private final String jca;
    private final int curveBits;

    JwsAlgorithm(String jca, int curveBits) {
        this.jca = jca;
        this.curveBits = curveBits;
    }

    /**
     * Finds an algorithm by its name.
     *
     * @param name as in the header, exactly
     * @return the algorithm, or nothing for every other name
     */
    public static Optional<JwsAlgorithm> of(String name) {
        return Arrays.stream(values()).filter(each -> each.name().equals(name)).findFirst();
    }

    /**
     * Tells whether a key is for this algorithm and strong enough.
     *
     * @param key the key
     * @return whether it is
     */
    public boolean fits(PublicKey key) {
        return switch (key) {
            case RSAPublicKey rsa ->
                curveBits == 0 && rsa.getModulus().bitLength() >= MIN_RSA_BITS && rsa.getModulus().bitLength() <= MAX_RSA_BITS;
            case ECPublicKey ec -> ec.getParams().getCurve().getField().getFieldSize() == curveBits;
            default -> false;
        };
    }

    /**
     * Verifies a signature.
     *
     * @param key the key
     * @param message what is signed
     * @param signature hostile bytes
     * @return whether the key fits and the signature is right
     */
    public boolean verify(PublicKey key, byte[] message, byte[] signature) {
        if (!fits(key)) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(jca);
            if (this == PS256) {
                verifier.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PS256_SALT, 1));
            }
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
