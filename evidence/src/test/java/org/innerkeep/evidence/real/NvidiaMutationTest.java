package org.innerkeep.evidence.real;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Crypto;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A real report of NVIDIA's: every byte of it is signed, or is the signature. */
@Order(1)
class NvidiaMutationTest {
    private final Verifier verifier = Verifier.with(new RememberingProvider());

    /** The shortest report that is right, to save time. */
    private static RealCase shortest() {
        return RealEvidenceTest.cases("nvidia-spdm").stream()
                .filter(each -> each.expected().text("signature").orElse("").equals("valid"))
                .min(Comparator.comparing(each -> each.file("report").length()))
                .orElseThrow();
    }

    private static VerifierOptions options(RealCase each) throws MalformedException {
        return VerifierOptions.of(MakerRoot.of(
                Maker.NVIDIA, new Crypto(Optional.empty(), 0).certificate("root", each.file("trustAnchor"))));
    }

    @Test
    void everyByteOfAReportCounts() throws MalformedException {
        RealCase each = shortest();
        EndorsementPool endorsements = each.endorsements("certificateChain");
        VerifierOptions options = options(each);
        new Mutation(each, "report", each.file("report"))
                .oneOf(7)
                .run(changed -> verifier.verify(changed.toArray(), endorsements, each.at(), options));
    }

    @Test
    void everyByteOfACertificateCounts() throws MalformedException {
        RealCase each = shortest();
        byte[] report = each.file("report").toArray();
        EndorsementPool endorsements = each.endorsements("certificateChain");
        List<Bytes> chain = Certificates.ofPem("chain", each.file("certificateChain").toArray());
        VerifierOptions options = options(each);
        for (int i = 0; i < chain.size(); i++) {
            Bytes original = chain.get(i);
            Mutation mutation = new Mutation(each, "certificateChain[" + i + "]", original).oneOf(11);
            if (original.equals(each.file("trustAnchor"))) {
                mutation.free("the certificate of the root, of which only the key counts, and that is pinned", 0, original.length());
            }
            mutation.run(changed -> verifier.verify(report, Mutation.instead(endorsements, original, changed), each.at(), options));
        }
    }
}
