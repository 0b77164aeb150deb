package org.innerkeep.channel.session;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import org.innerkeep.evidence.Bytes;
import org.jspecify.annotations.NullMarked;

/** Makes the certificate of the vectors with the product's own writer, which gives a new key to everybody else. */
@NullMarked
public final class CertificateMaker {
    private CertificateMaker() {}

    /**
     * Makes a certificate.
     *
     * @param key the enclave's, fixed
     * @param evidence for it
     * @return the certificate, DER
     */
    public static Bytes make(KeyPair key, Bytes evidence) {
        try {
            return Bytes.of(RaTls.write(key, evidence, new SecureRandom()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
