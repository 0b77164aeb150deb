package org.innerkeep.evidence;

import java.util.Optional;
import org.innerkeep.evidence.azure.AzureEvidence;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.eventlog.CcelEvidence;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.evidence.tpm.TpmEvidence;

/** Evidence of a kind that is known: its form is checked, and nothing of it is verified. */
public sealed interface Evidence {
    /**
     * A keeper report.
     *
     * @param signed the report with its signature
     */
    record OfKeeper(KeeperReport.Signed signed) implements Evidence {}

    /**
     * TPM quotes.
     *
     * @param evidence the quotes and what belongs to them
     */
    record OfTpm(TpmEvidence evidence) implements Evidence {}

    /**
     * A TD quote with its event log.
     *
     * @param evidence both
     */
    record OfCcel(CcelEvidence evidence) implements Evidence {}

    /**
     * Evidence of a confidential virtual machine of Azure.
     *
     * @param evidence its parts
     */
    record OfAzure(AzureEvidence evidence) implements Evidence {}

    /**
     * Finds the kind and reads the bytes as that kind.
     *
     * @param evidence hostile bytes
     * @return the evidence, or nothing where the bytes are of no known kind
     * @throws MalformedException if they are of a known kind by their first bytes and break its form
     */
    static Optional<Evidence> parse(byte[] evidence) throws MalformedException {
        if (EvidenceParts.looksLike(evidence)) {
            EvidenceParts parts = EvidenceParts.parse(evidence);
            return switch (parts.type()) {
                case TpmEvidence.TYPE -> Optional.of(new OfTpm(TpmEvidence.parse(parts)));
                case AzureEvidence.SNP_TYPE, AzureEvidence.TDX_TYPE -> Optional.of(new OfAzure(AzureEvidence.parse(parts)));
                case CcelEvidence.TYPE -> Optional.of(new OfCcel(CcelEvidence.parse(parts)));
                default -> Optional.empty();
            };
        }
        if (!CoseSign1.looksLike(evidence)) {
            return Optional.empty();
        }
        CoseSign1 envelope = CoseSign1.parse(evidence);
        return switch (Eat.profile(envelope.payload().toArray()).orElse("")) {
            case KeeperReport.PROFILE -> Optional.of(new OfKeeper(KeeperReport.parse(envelope)));
            default -> Optional.empty();
        };
    }
}
