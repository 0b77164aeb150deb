package org.innerkeep.evidence;

import java.util.Optional;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.evidence.token.Jws;
import org.innerkeep.evidence.token.Token;

/** Evidence of a kind that is known: its form is checked, and nothing of it is verified. */
public sealed interface Evidence {
    /**
     * A keeper report.
     *
     * @param signed the report with its signature
     */
    record OfKeeper(KeeperReport.Signed signed) implements Evidence {}

    /**
     * A token of an attestation service.
     *
     * @param token the token
     */
    record OfToken(Token token) implements Evidence {}

    /**
     * Finds the kind and reads the bytes as that kind.
     *
     * @param evidence hostile bytes
     * @return the evidence, or nothing where the bytes are of no known kind
     * @throws MalformedException if they are of a known kind by their first bytes and break its form
     */
    static Optional<Evidence> parse(byte[] evidence) throws MalformedException {
        if (Jws.looksLike(evidence)) {
            return Optional.of(new OfToken(Token.parse(evidence)));
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
