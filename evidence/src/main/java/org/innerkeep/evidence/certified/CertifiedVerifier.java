package org.innerkeep.evidence.certified;

import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.arm.CcaVerifier;
import org.innerkeep.evidence.internal.CertifiedKey;
import org.innerkeep.evidence.internal.Verification;
import org.innerkeep.evidence.snp.SnpVerifier;

/** Verifies evidence in a certificate, and the certificate by the evidence. */
public final class CertifiedVerifier {
    private CertifiedVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>the evidence is over the certificate's key;
     *   <li>that key signed the certificate, which is within its time;
     *   <li>the evidence, as if it came alone.
     * </ol>
     *
     * @param evidence the certificate
     * @param run the verification
     * @return the verdict, where it is accepted with the claims {@link CertifiedKey#details}
     */
    public static Verdict verify(CertifiedEvidence evidence, Verification run) {
        Bytes key = Bytes.of(evidence.certificate().getPublicKey().getEncoded());
        Map<String, ClaimValue> details = Map.of();
        try {
            details = CertifiedKey.details(Optional.of(evidence.claims()), key);
            if (!CertifiedKey.isBound(evidence.inner().reportData(), evidence.claims(), key)) {
                CertifiedKey.refuseUnbound(run);
            }
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, "certificate.claims", e, "Ask again; if it stays so, the sender is broken or hostile.");
        }
        CertifiedKey.check(evidence.certificate(), run);
        Verdict verdict = switch (evidence.inner()) {
            case CertifiedEvidence.Inner.Snp snp -> SnpVerifier.verify(snp.evidence(), run);
            case CertifiedEvidence.Inner.Cca cca -> CcaVerifier.verify(cca.token(), run);
        };
        return verdict instanceof Verdict.Accepted accepted
                ? new Verdict.Accepted(accepted.claims().withDetails(details), accepted.checks())
                : verdict;
    }
}
