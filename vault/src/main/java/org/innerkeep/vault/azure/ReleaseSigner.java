package org.innerkeep.vault.azure;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jose.util.Base64URL;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;

/**
 * Signs what the vault answers to releases, as a JWS by RS256 with the certificate chain of its key, so that an environment can tell this
 * vault's answer from one that was made up on the way. The environment must know the chain's root, or the key, beforehand.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class ReleaseSigner {
    private static final StrictJson JSON = StrictJson.upTo(1 << 20);
    private static final int MIN_BITS = 2048;

    private final PrivateKey key;
    private final Optional<Provider> provider;
    private final JWSHeader header;

    /**
     * A signer.
     *
     * @param key RSA, at least 2048 bits
     * @param provider that can use it, where it is not one of the platform's
     * @param chain certificates, the key's own first
     * @throws IllegalArgumentException if the first certificate is not for an RSA key that is long enough
     */
    public ReleaseSigner(PrivateKey key, Optional<Provider> provider, List<X509Certificate> chain) {
        if (chain.isEmpty() || !(chain.getFirst().getPublicKey() instanceof RSAPublicKey rsa) || rsa.getModulus().bitLength() < MIN_BITS) {
            throw new IllegalArgumentException("release key: expected the certificate of an RSA key of at least " + MIN_BITS + " bits");
        }
        this.key = key;
        this.provider = provider;
        Base64URL thumbprint = Base64URL.encode(Bytes.sha256(der(chain.getFirst())).toArray());
        this.header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(JOSEObjectType.JWT)
                .keyID(thumbprint.toString())
                .x509CertSHA256Thumbprint(thumbprint)
                .x509CertChain(chain.stream().map(each -> Base64.encode(der(each))).toList())
                .build();
    }

    private static byte[] der(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a certificate without an encoding", e);
        }
    }

    /**
     * Signs.
     *
     * @param payload what is signed
     * @return the JWS in compact form
     */
    String sign(Map<String, ?> payload) {
        JWSObject jws = new JWSObject(header, new Payload(JSON.write(payload)));
        try {
            RSASSASigner signer = new RSASSASigner(key);
            provider.ifPresent(signer.getJCAContext()::setProvider);
            jws.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("the release key cannot sign", e);
        }
        return jws.serialize();
    }

    /** {@return nothing of the key} */
    @Override
    public String toString() {
        return "release key " + header.getKeyID();
    }
}
