package org.innerkeep.evidence.real;

import java.util.Optional;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Crypto;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Real evidence of the kinds that are one signed object of CBOR: whichever byte is changed, nothing is accepted. Every byte counts:
 * heads by their strictness, the rest by signatures, so there is no list of bytes that none covers.
 */
@Order(1)
class MutationOfCborEvidenceTest {
    private final Verifier verifier = Verifier.with(new RememberingProvider());

    private record Subject(RealCase each, byte[] evidence, VerifierOptions options) {}

    /** The first case of a kind that is accepted, whose evidence is the smallest. */
    private static Subject smallest(String kind) throws MalformedException {
        Subject best = null;
        for (RealCase each : RealEvidenceTest.cases(kind)) {
            if (!each.has("trustAnchor")) {
                continue;
            }
            boolean nitro = each.has("document");
            Bytes anchor = each.file("trustAnchor");
            VerifierOptions options = nitro
                    ? VerifierOptions.of(MakerRoot.of(Maker.AWS, new Crypto(Optional.empty(), 0).certificate("root", anchor)))
                    : RealArm.options(each, kind.equals("arm-cca") ? AttesterKey.Kind.CCA : AttesterKey.Kind.PSA);
            byte[] evidence = each.file(nitro ? "document" : "token").toArray();
            Verdict verdict = new Verifier().verify(evidence, Endorsements.none(), each.at(), options);
            if (verdict instanceof Verdict.Accepted && (best == null || evidence.length < best.evidence().length)) {
                best = new Subject(each, evidence, options);
            }
        }
        if (best == null) {
            Assumptions.abort("no case of " + kind + " is accepted");
            throw new AssertionError();
        }
        return best;
    }

    private void everyByteCounts(String kind, int step) throws MalformedException {
        Subject subject = smallest(kind);
        new Mutation(subject.each(), "evidence", Bytes.of(subject.evidence())).oneOf(step).run(changed -> verifier.verify(
                changed.toArray(), Endorsements.none(), subject.each().at(), subject.options().allowDebug()));
    }

    @Test
    void everyByteOfANitroDocumentCounts() throws MalformedException {
        everyByteCounts("aws-nitro", 13);
    }

    @Test
    void everyByteOfACcaTokenCounts() throws MalformedException {
        everyByteCounts("arm-cca", 5);
    }

    @Test
    void everyByteOfAPsaTokenCounts() throws MalformedException {
        everyByteCounts("psa-token", 3);
    }
}
