package org.innerkeep.evidence.dcap;

import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** A quote, alone or in what carries it. Parsed and not verified. */
public sealed interface DcapEvidence permits Quote, OpenEnclaveReport, RaTlsCertificate {
    /** {@return the quote} */
    Quote quote();

    /** {@return the bytes that it was parsed from; of a certificate in PEM, its DER} */
    byte[] toByteArray();

    /**
     * Finds the form by the first bytes and reads the bytes as that form.
     *
     * @param bytes hostile bytes
     * @return the evidence, or nothing where the bytes begin as none of these forms
     * @throws MalformedException if they begin as one of them and break its form
     */
    static Optional<DcapEvidence> parse(byte[] bytes) throws MalformedException {
        if (Quote.looksLike(bytes)) {
            return Optional.of(Quote.parse(bytes));
        }
        if (OpenEnclaveReport.looksLike(bytes)) {
            return Optional.of(OpenEnclaveReport.parse(bytes));
        }
        Optional<Bytes> certificate = RaTlsCertificate.find(bytes);
        return certificate.isPresent() ? RaTlsCertificate.parse(certificate.get()).map(found -> found) : Optional.empty();
    }
}
