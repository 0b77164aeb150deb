package org.innerkeep.evidence;

import java.util.Optional;
import org.innerkeep.evidence.arm.CcaToken;
import org.innerkeep.evidence.arm.PsaToken;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.evidence.nitro.NitroDocument;

/** Evidence of a kind that is known: its form is checked, and nothing of it is verified. */
public sealed interface Evidence {
    /**
     * A keeper report.
     *
     * @param signed the report with its signature
     */
    record OfKeeper(KeeperReport.Signed signed) implements Evidence {}

    /**
     * A document of an AWS Nitro enclave.
     *
     * @param signed the document with its signature
     */
    record OfNitro(NitroDocument.Signed signed) implements Evidence {}

    /**
     * An Arm CCA token.
     *
     * @param token the token
     */
    record OfCca(CcaToken token) implements Evidence {}

    /**
     * A PSA token.
     *
     * @param signed the token with its signature
     */
    record OfPsa(PsaToken.Signed signed) implements Evidence {}

    /**
     * Finds the kind and reads the bytes as that kind.
     *
     * @param evidence hostile bytes
     * @return the evidence, or nothing where the bytes are of no known kind
     * @throws MalformedException if they are of a known kind by their first bytes and break its form
     */
    static Optional<Evidence> parse(byte[] evidence) throws MalformedException {
        if (CcaToken.looksLike(evidence)) {
            return Optional.of(new OfCca(CcaToken.parse(evidence)));
        }
        if (PsaToken.looksLike(evidence)) {
            return Optional.of(new OfPsa(PsaToken.parse(evidence)));
        }
        if (NitroDocument.looksLike(evidence)) {
            return Optional.of(new OfNitro(NitroDocument.parse(evidence)));
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
