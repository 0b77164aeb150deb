package org.innerkeep.attestation.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;

/**
 * Signs tokens in the form of Microsoft Azure Attestation: a JWT with {@code alg}, {@code jku}, {@code kid} and {@code typ} in its header,
 * and {@code iss}, {@code iat}, {@code nbf}, {@code exp} and {@code jti} among its claims, times in whole seconds.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param issuer the {@code iss}, without a slash at its end
 * @param lifetime from {@code iat} to {@code exp}
 */
public record TokenSigner(String issuer, Duration lifetime) {
    /** How long before it is issued a token is valid: clients of the interface allow no difference between clocks at all. */
    public static final Duration BACKDATED = Duration.ofSeconds(60);

    /** How many random bytes are in a {@code jti}. */
    public static final int TOKEN_ID_BYTES = 32;

    private static final StrictJson JSON = StrictJson.upTo(16 << 20);

    /**
     * Signs claims. The same arguments give the same token where the key is RSA, whose signatures here are not randomised.
     *
     * @param key that signs
     * @param claims further claims; those that this class makes come first and must not be among them
     * @param at when the token is issued
     * @param id of the token, random, 32 bytes
     * @return the token in compact form
     */
    public String sign(TokenKey key, Map<String, ?> claims, Instant at, Bytes id) {
        JWSHeader header = new JWSHeader.Builder(key.algorithm().jws())
                .jwkURL(URI.create(issuer + "/certs"))
                .keyID(key.id())
                .type(JOSEObjectType.JWT)
                .build();
        JWSObject token = new JWSObject(header, new Payload(payload(claims, at, id)));
        try {
            token.sign(signer(key));
        } catch (JOSEException e) {
            throw new IllegalStateException("the token cannot be signed by " + key, e);
        }
        return token.serialize();
    }

    /**
     * Claims in a token that nobody signed: what the interface answers to an appraisal by a draft of a policy. It proves nothing.
     *
     * @param claims further claims
     * @param at when the token is issued
     * @param id of the token, random, 32 bytes
     * @return the token in compact form
     */
    public String unsigned(Map<String, ?> claims, Instant at, Bytes id) {
        byte[] header = JSON.write(Map.of("alg", "none"));
        return Base64Text.url(header) + "." + Base64Text.url(payload(claims, at, id)) + ".";
    }

    private byte[] payload(Map<String, ?> claims, Instant at, Bytes id) {
        if (id.length() != TOKEN_ID_BYTES) {
            throw new IllegalArgumentException("token id: expected " + TOKEN_ID_BYTES + " bytes, found " + id.length());
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("iss", issuer);
        all.put("iat", at.getEpochSecond());
        all.put("nbf", at.minus(BACKDATED).getEpochSecond());
        all.put("exp", at.plus(lifetime).getEpochSecond());
        all.put("jti", id.hex());
        claims.forEach((name, value) -> {
            if (all.putIfAbsent(name, value) != null) {
                throw new IllegalArgumentException("a claim of this name is made by the signer: " + name);
            }
        });
        return JSON.write(all);
    }

    private static JWSSigner signer(TokenKey key) throws JOSEException {
        JWSSigner signer = switch (key.algorithm()) {
            case RS256 -> new RSASSASigner(key.privateKey());
            case ES256 -> new ECDSASigner(key.privateKey(), Curve.P_256);
        };
        key.provider().ifPresent(signer.getJCAContext()::setProvider);
        return signer;
    }
}
