package org.innerkeep.evidence;

import java.util.Optional;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.evidence.nvidia.NvidiaEvidence;
import org.innerkeep.evidence.nvidia.NvidiaReport;
import org.innerkeep.evidence.snp.SnpEvidence;

/** Evidence of a kind that is known: its form is checked, and nothing of it is verified. */
public sealed interface Evidence {
    /**
     * A keeper report.
     *
     * @param signed the report with its signature
     */
    record OfKeeper(KeeperReport.Signed signed) implements Evidence {}

    /**
     * An AMD SEV-SNP report.
     *
     * @param snp the report, with the host's certificates where it came with some
     */
    record OfSnp(SnpEvidence snp) implements Evidence {}

    /**
     * A report of a GPU or a switch of NVIDIA's.
     *
     * @param nvidia the report, with the device's certificates where it came with them
     */
    record OfNvidia(NvidiaEvidence nvidia) implements Evidence {}

    /**
     * Finds the kind and reads the bytes as that kind.
     *
     * @param evidence hostile bytes
     * @return the evidence, or nothing where the bytes are of no known kind
     * @throws MalformedException if they are of a known kind by their first bytes and break its form
     */
    static Optional<Evidence> parse(byte[] evidence) throws MalformedException {
        if (SnpEvidence.looksLike(evidence)) {
            return Optional.of(new OfSnp(SnpEvidence.parse(evidence)));
        }
        if (NvidiaReport.looksLike(evidence)) {
            return Optional.of(new OfNvidia(new NvidiaEvidence(NvidiaReport.parse(evidence), Optional.empty())));
        }
        if (EvidenceParts.looksLike(evidence)) {
            EvidenceParts parts = EvidenceParts.parse(evidence);
            return switch (parts.type()) {
                case SnpEvidence.TYPE -> Optional.of(new OfSnp(SnpEvidence.parse(parts)));
                case NvidiaEvidence.TYPE -> Optional.of(new OfNvidia(NvidiaEvidence.parse(parts)));
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
