package org.innerkeep.evidence.cose;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECKey;

/** ES256: ECDSA on P-256 with SHA-256, r and s concatenated; RFC 9053 section 2.1. */
final class Es256 {
    /** IEEE P1363 form, not DER, so that no second parser of signatures is needed. */
    static final String JCA_NAME = "SHA256withECDSAinP1363Format";

    /** Its number in the IANA registry of COSE algorithms. */
    static final long ALGORITHM = -7;

    private Es256() {}

    static byte[] sign(PrivateKey key, byte[] message) {
        if (!(key instanceof ECKey curve) || !P256.isCurveOf(curve.getParams())) {
            throw new IllegalArgumentException("signing key: expected a P-256 key, found " + key.getAlgorithm());
        }
        try {
            Signature signer = Signature.getInstance(JCA_NAME);
            signer.initSign(key);
            signer.update(message);
            return signer.sign();
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("signing key: this Java platform cannot sign with it", e);
        } catch (NoSuchAlgorithmException | SignatureException e) {
            throw new IllegalStateException("this Java platform cannot make ES256 signatures", e);
        }
    }
}
