package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
import org.junit.jupiter.api.Test;

/**
 * Real evidence of the kinds that are one signed object of CBOR: whichever byte is changed, nothing is accepted. Every byte counts:
 * heads by their strictness, the rest by signatures, so there is no list of bytes that none covers.
 */
class MutationOfCborEvidenceTest {
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

    /**
     * Changes every byte; but of the certificates of issuers, which the same signature covers and which take the longest to refuse, every
     * third.
     */
    private static void everyByteCounts(String kind, int... flips) throws MalformedException {
        Subject subject = smallest(kind);
        int issuersBegin = new String(subject.evidence(), StandardCharsets.ISO_8859_1).indexOf("cabundle");
        int issuersEnd = new String(subject.evidence(), StandardCharsets.ISO_8859_1).indexOf("public_key");
        Verifier verifier = new Verifier();
        List<Integer> survivors = new ArrayList<>();
        int changes = 0;
        for (int flip : flips) {
            for (int i = 0; i < subject.evidence().length; i++) {
                if (i > issuersBegin + 16 && i < issuersEnd && i % 3 != 0) {
                    continue;
                }
                byte[] changed = subject.evidence().clone();
                changed[i] ^= (byte) flip;
                changes++;
                if (verifier.verify(changed, Endorsements.none(), subject.each().at(), subject.options().allowDebug())
                        instanceof Verdict.Accepted) {
                    survivors.add(i);
                }
            }
        }
        System.out.println("mutation: " + changes + " changes of " + subject.each() + ", none accepted: " + survivors.isEmpty());
        assertThat(survivors).as("bytes of %s that may be changed", subject.each()).isEmpty();
    }

    @Test
    void noByteOfANitroDocumentMayBeChanged() throws MalformedException {
        everyByteCounts("aws-nitro", 0x01);
    }

    @Test
    void noByteOfACcaTokenMayBeChanged() throws MalformedException {
        everyByteCounts("arm-cca", 0x01);
    }

    @Test
    void noByteOfAPsaTokenMayBeChanged() throws MalformedException {
        everyByteCounts("psa-token", 0x01, 0x20, 0x80);
    }
}
