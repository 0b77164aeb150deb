package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Crypto;
import org.junit.jupiter.api.Test;

/**
 * A real report of NVIDIA's with one bit changed: every byte of it is signed, or is the signature. What no signature covers: the
 * certificate of the root, of which nothing counts but its key, which is pinned, and its validity.
 */
class NvidiaMutationTest {
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
    void noChangedByteOfAReportIsAccepted() throws MalformedException {
        RealCase each = shortest();
        byte[] report = each.file("report").toArray();
        EndorsementPool endorsements = each.endorsements("certificateChain");
        VerifierOptions options = options(each);
        Verifier verifier = new Verifier();
        assertThat(verifier.verify(report, endorsements, each.at(), options)).isInstanceOf(Verdict.Accepted.class);
        for (int i = 0; i < report.length; i++) {
            byte[] changed = report.clone();
            changed[i] ^= (byte) (1 << i % 8);
            assertThat(verifier.verify(changed, endorsements, each.at(), options)).as("byte %s", i).isInstanceOf(Verdict.Refused.class);
        }
    }

    /** Every byte of the certificate of the key that signed, and every other one of those above it. */
    @Test
    void noChangedByteOfACertificateIsAccepted() throws MalformedException {
        RealCase each = shortest();
        byte[] report = each.file("report").toArray();
        List<Bytes> chain = Certificates.ofPem("chain", each.file("certificateChain").toArray());
        VerifierOptions options = options(each);
        Verifier verifier = new Verifier();
        for (int document = 0; document < chain.size(); document++) {
            byte[] original = chain.get(document).toArray();
            boolean root = chain.get(document).equals(each.file("trustAnchor"));
            for (int i = 0; i < original.length; i += document == 0 ? 1 : 2) {
                byte[] changed = original.clone();
                changed[i] ^= (byte) (1 << i % 8);
                List<Bytes> all = new ArrayList<>(chain);
                all.set(document, Bytes.of(changed));
                EndorsementPool pool;
                try {
                    pool = EndorsementPool.of(all);
                } catch (MalformedException e) {
                    continue;
                }
                Verdict verdict = verifier.verify(report, pool, each.at(), options);
                if (!root) {
                    assertThat(verdict).as("certificate %s, byte %s", document, i).isNotInstanceOf(Verdict.Accepted.class);
                }
            }
        }
    }
}
