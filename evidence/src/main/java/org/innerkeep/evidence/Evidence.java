package org.innerkeep.evidence;

import java.util.Optional;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.dcap.DcapEvidence;
import org.innerkeep.evidence.keeper.KeeperReport;

/** Evidence of a kind that is known: its form is checked, and nothing of it is verified. */
public sealed interface Evidence {
    /**
     * A keeper report.
     *
     * @param signed the report with its signature
     */
    record OfKeeper(KeeperReport.Signed signed) implements Evidence {}

    /**
     * A quote of an SGX enclave or a TDX trust domain, alone or in what carries it.
     *
     * @param evidence the quote
     */
    record OfDcap(DcapEvidence evidence) implements Evidence {}

    /**
     * Finds the kind and reads the bytes as that kind.
     *
     * @param evidence hostile bytes
     * @return the evidence, or nothing where the bytes are of no known kind
     * @throws MalformedException if they are of a known kind by their first bytes and break its form
     */
    static Optional<Evidence> parse(byte[] evidence) throws MalformedException {
        Optional<DcapEvidence> dcap = DcapEvidence.parse(evidence);
        if (dcap.isPresent()) {
            return Optional.of(new OfDcap(dcap.get()));
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
