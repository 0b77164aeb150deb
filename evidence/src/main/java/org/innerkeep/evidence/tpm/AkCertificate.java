package org.innerkeep.evidence.tpm;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.DerReader;
import org.innerkeep.evidence.internal.Verification;

/**
 * The certificate of a TPM's attestation key (TCG EK Credential Profile and Platform Certificate Profile; TCG OID registry). By itself
 * it is no evidence: it says that a key is in a TPM, and not what the machine is.
 */
public final class AkCertificate {
    /** tcg-kp-AIKCertificate. */
    private static final String FOR_ATTESTATION_KEYS = "2.23.133.8.3";

    /** tcg-kp-EKCertificate, which Google also has in the certificates of attestation keys. */
    private static final String FOR_ENDORSEMENT_KEYS = "2.23.133.8.1";

    /** Subject alternative name, which names the TPM where there is no subject; extended key usage, which is looked at here. */
    private static final Set<String> KNOWN_CRITICAL = Set.of("2.5.29.17", "2.5.29.37");

    private AkCertificate() {}

    /**
     * Reads a certificate. TPMs keep it in an index that is larger and give zeros after it: these are cut off.
     *
     * @param crypto remembers certificates
     * @param field its name, for messages
     * @param bytes hostile bytes: DER, then zeros
     * @return the certificate
     * @throws MalformedException if they are anything else
     */
    public static X509Certificate parse(Crypto crypto, String field, Bytes bytes) throws MalformedException {
        byte[] all = bytes.toArray();
        DerReader reader = new DerReader(all);
        Bytes der = reader.any(field);
        for (int i = reader.offset(); i < all.length; i++) {
            if (all[i] != 0) {
                throw new MalformedException(field, i, "expected zeros after the certificate");
            }
        }
        return crypto.certificate(field, der);
    }

    /**
     * Verifies that a maker of TPMs, or a cloud that gives virtual ones, vouches for an attestation key:
     *
     * <ol>
     *   <li>the certificate is for a key that signs, and of a TPM where it says for what;
     *   <li>its chain leads to a pinned root, through endorsements where need be.
     * </ol>
     *
     * @param run the verification
     * @param certificate the certificate
     * @param path its name in reasons
     * @return the chain, or nothing; where reasons were added it is not to be trusted
     */
    public static Optional<Chain> prove(Verification run, X509Certificate certificate, String path) {
        checkUse(run, certificate, path);
        return Chain.prove(
                run,
                certificate,
                List.of(),
                new Chain.Rules(path, run.options().roots(Maker.TPM), KNOWN_CRITICAL, Chain.Revocation.IF_AT_HAND));
    }

    private static void checkUse(Verification run, X509Certificate certificate, String path) {
        List<String> uses;
        try {
            uses = certificate.getExtendedKeyUsage();
        } catch (CertificateParsingException e) {
            uses = List.of();
        }
        if (uses != null && uses.stream().noneMatch(Set.of(FOR_ATTESTATION_KEYS, FOR_ENDORSEMENT_KEYS)::contains)) {
            run.refuse(Code.CHAIN_INVALID, path, "a certificate for another use", "one for a TPM's attestation key",
                    "Do not trust this chain.");
        }
    }

    /**
     * Checks that a certificate is of a key.
     *
     * @param run the verification
     * @param certificate the certificate
     * @param key SubjectPublicKeyInfo, DER
     * @param path its name in reasons
     */
    public static void checkKey(Verification run, X509Certificate certificate, Bytes key, String path) {
        if (!Arrays.equals(certificate.getPublicKey().getEncoded(), key.toArray())) {
            run.refuse(Code.BINDING_MISMATCH, path, "a certificate of another key", "a certificate of the attestation key",
                    "The certificate was taken from elsewhere: do not trust whoever sent it.");
        }
    }
}
