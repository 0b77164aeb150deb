package org.innerkeep.evidence.certified;

import java.security.cert.X509Certificate;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.arm.CcaToken;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.dcap.RaTlsCertificate;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.DerReader;
import org.innerkeep.evidence.snp.SnpEvidence;

/**
 * A certificate with the extension {@value RaTlsCertificate#TAGGED_EVIDENCE} (TCG DICE tagged evidence): CBOR tag 60000 over evidence and
 * claims, of which the report data is the SHA-256; the claim {@code pubkey-hash} is the digest of the certificate's key. Parsed and not
 * verified.
 *
 * @param certificate the certificate
 * @param encoded its DER
 * @param inner the evidence in it
 * @param claims what the report data is to be the digest of
 */
public record CertifiedEvidence(X509Certificate certificate, Bytes encoded, Inner inner, Bytes claims) {
    private static final long TAG = 60_000;

    /** The evidence in a certificate. */
    public sealed interface Inner {
        /** {@return what the evidence is over, 64 bytes} */
        Bytes reportData();

        /**
         * A report of SEV-SNP.
         *
         * @param evidence the report, followed by the host's certificates where it came with some
         */
        record Snp(SnpEvidence evidence) implements Inner {
            @Override
            public Bytes reportData() {
                return evidence.report().reportData();
            }
        }

        /**
         * A token of Arm CCA, whose challenge is the report data.
         *
         * @param token the token
         */
        record Cca(CcaToken token) implements Inner {
            @Override
            public Bytes reportData() {
                return token.realm().challenge();
            }
        }
    }

    /**
     * Reads a certificate, in DER or PEM.
     *
     * @param bytes hostile bytes
     * @return the certificate with its evidence, or nothing where the bytes are no certificate that has evidence of these kinds
     * @throws MalformedException if it has and that breaks its form
     */
    public static Optional<CertifiedEvidence> parse(byte[] bytes) throws MalformedException {
        Optional<Bytes> der = RaTlsCertificate.find(bytes);
        if (der.isEmpty()) {
            return Optional.empty();
        }
        X509Certificate certificate = new Crypto(Optional.empty(), 0).certificate("certificate", der.get());
        byte[] extension = certificate.getExtensionValue(RaTlsCertificate.TAGGED_EVIDENCE);
        if (extension == null) {
            return Optional.empty();
        }
        DerReader outer = new DerReader(extension);
        CborReader reader = new CborReader(outer.content("tagged-evidence", DerReader.OCTET_STRING));
        outer.end("tagged-evidence");
        reader.tag("tagged-evidence", TAG);
        reader.arrayOf("tagged-evidence", 2);
        Optional<Inner> inner = inner(reader.bytes("evidence", 0, Crypto.MAX_CERTIFICATE_BYTES));
        if (inner.isEmpty()) {
            return Optional.empty();
        }
        Bytes claims = Bytes.of(reader.bytes("claims", 0, Crypto.MAX_CERTIFICATE_BYTES));
        reader.end("tagged-evidence");
        return Optional.of(new CertifiedEvidence(certificate, der.get(), inner.get(), claims));
    }

    private static Optional<Inner> inner(byte[] evidence) throws MalformedException {
        if (SnpEvidence.looksLike(evidence)) {
            return Optional.of(new Inner.Snp(SnpEvidence.parse(evidence)));
        }
        return CcaToken.looksLike(evidence) ? Optional.of(new Inner.Cca(CcaToken.parse(evidence))) : Optional.empty();
    }
}
