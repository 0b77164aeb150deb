package org.innerkeep.client;

import java.util.Set;
import org.innerkeep.evidence.Evidence;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.certified.CertifiedEvidence;

/** What kind of claims evidence gives if it is accepted, as far as its form tells. */
final class AttestedKinds {
    private AttestedKinds() {}

    /**
     * Reads evidence, to know what a token over it has to say.
     *
     * @param evidence hostile bytes
     * @return the kinds, or none where it is no evidence, or a token itself, which is another service's word
     */
    static Set<String> of(byte[] evidence) {
        try {
            return Evidence.parse(evidence).map(AttestedKinds::of).orElse(Set.of());
        } catch (MalformedException e) {
            return Set.of();
        }
    }

    private static Set<String> of(Evidence evidence) {
        return switch (evidence) {
            case Evidence.OfKeeper _ -> Set.of("keeper-report");
            case Evidence.OfDcap quote -> Set.of(quote.evidence().quote().tdx() ? "tdx-quote" : "sgx-quote");
            case Evidence.OfCcel _ -> Set.of("tdx-quote");
            case Evidence.OfSnp _ -> Set.of("snp-report");
            case Evidence.OfCertificate certificate -> switch (certificate.evidence().inner()) {
                case CertifiedEvidence.Inner.Snp _ -> Set.of("snp-report");
                case CertifiedEvidence.Inner.Cca _ -> Set.of("cca-token");
            };
            case Evidence.OfAzure _ -> Set.of("azure-snp", "azure-tdx");
            case Evidence.OfTpm _ -> Set.of("tpm-quote");
            case Evidence.OfNitro _ -> Set.of("nitro-document");
            case Evidence.OfCca _ -> Set.of("cca-token");
            case Evidence.OfPsa _ -> Set.of("psa-token");
            case Evidence.OfNvidia _ -> Set.of("nvidia-report");
            case Evidence.OfToken _ -> Set.of();
        };
    }
}
