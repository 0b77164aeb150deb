package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.dcap.Quote;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Crypto;
import org.junit.jupiter.api.Test;

/**
 * Every byte of real quotes and of what endorses them, changed one after the other: no acceptance survives a change of what is signed.
 *
 * <p>{@code -Dinnerkeep.mutation.step=1} changes every byte everywhere; without it long JSON is sampled.
 *
 * <p>Not covered by a signature, and listed here: white space and unused bits in the PEM text of the certificate chain, of which the
 * decoded certificates count; and the certificate of the root, of which only the key counts, and that is pinned.
 */
class RealDcapMutationTest {
    /** Of long endorsements, and of the certificate chain in the second and third quote, one byte of so many is changed. */
    private static final int SAMPLE = Integer.getInteger("innerkeep.mutation.step", 8);

    private final Verifier verifier = Verifier.with(new RememberingProvider());

    /** The case with the fewest bytes among those that are accepted. */
    private record Subject(RealCase each, Bytes evidence, EndorsementPool pool, VerifierOptions options) {
        static Subject smallest(String kind, Verifier verifier) {
            return RealEvidenceTest.cases(kind).stream()
                    .map(Subject::of)
                    .filter(each -> !each.each().has("pckCertChain"))
                    .filter(each -> each.accepted(verifier, each.evidence().toArray(), each.pool()))
                    .min(Comparator.comparingInt(each -> each.evidence().length()
                            + each.each().file("tcbInfo").length()
                            + each.each().file("pckCrl").length()))
                    .orElseThrow();
        }

        static Subject of(RealCase each) {
            try {
                RealDcap dcap = new RealDcap(each);
                return new Subject(each, Bytes.of(dcap.evidence()), dcap.pool(), dcap.options().allowDebug());
            } catch (MalformedException e) {
                throw new IllegalStateException(each + ": " + e.getMessage(), e);
            }
        }

        boolean accepted(Verifier verifier, byte[] changed, Endorsements endorsements) {
            return verifier.verify(changed, endorsements, each.at(), options) instanceof Verdict.Accepted;
        }
    }

    @Test
    void everyByteOfAnSgxQuoteCounts() throws MalformedException {
        checkQuote("sgx-dcap-v3", offset -> 1);
    }

    @Test
    void everyByteOfATdxQuoteOfVersion4Counts() throws MalformedException {
        checkQuote("tdx-v4", offset -> offset < 2000 ? 1 : SAMPLE);
    }

    @Test
    void everyByteOfATdxQuoteOfVersion5Counts() throws MalformedException {
        checkQuote("tdx-v5", offset -> offset < 2000 ? 1 : SAMPLE);
    }

    private void checkQuote(String kind, IntUnaryOperator step) throws MalformedException {
        Subject subject = Subject.smallest(kind, verifier);
        Quote quote = Quote.parse(subject.evidence().toArray());
        int chain = subject.evidence().length() - quote.trailing().length() - quote.certification().data().length();
        List<Bytes> certificates = signedCertificates(quote, subject);
        // Without the issuer's certificate beside the quote, which could stand in for that within.
        Endorsements alone = subject.each().endorsements("tcbInfo", "qeIdentity", "tcbInfoIssuerChain", "pckCrl", "rootCaCrl");
        int changed = 0;
        for (int i = 0; i < subject.evidence().length(); i += step.applyAsInt(i)) {
            byte[] mutant = subject.evidence().toArray();
            mutant[i] ^= (byte) (i % 2 == 0 ? 0x01 : 0x80);
            changed++;
            if (subject.accepted(verifier, mutant, alone)) {
                assertThat(i).as("a byte of %s outside the certificate chain", subject.each()).isGreaterThanOrEqualTo(chain);
                assertThat(signedCertificates(Quote.parse(mutant), subject)).as("certificates, byte %d", i).isEqualTo(certificates);
            }
        }
        System.out.println("mutation: " + changed + " changes of the quote of " + subject.each());
    }

    /** The certificates of a quote but that of the root, which is known by its name. */
    private static List<Bytes> signedCertificates(Quote quote, Subject subject) throws MalformedException {
        List<Bytes> found = new ArrayList<>();
        int size = 0;
        for (Bytes der : Certificates.ofPem("chain", quote.certification().data().toArray())) {
            X509Certificate certificate = new Crypto(Optional.empty(), 0).certificate("chain", der);
            Bytes key = Bytes.of(certificate.getPublicKey().getEncoded());
            boolean root = subject.options().roots(Maker.INTEL).contains(key);
            if (++size <= 2 && !root) {
                found.add(der);
            }
        }
        return found;
    }

    @Test
    void everyByteOfTheEndorsementsOfAnSgxQuoteCounts() throws MalformedException {
        checkEndorsements("sgx-dcap-v3", SAMPLE);
    }

    @Test
    void everyByteOfTheEndorsementsOfATdxQuoteCounts() throws MalformedException {
        checkEndorsements("tdx-v4", SAMPLE);
        checkEndorsements("tdx-v5", SAMPLE);
    }

    private void checkEndorsements(String kind, int step) throws MalformedException {
        Subject subject = Subject.smallest(kind, verifier);
        Map<String, Bytes> documents = new LinkedHashMap<>();
        for (String role : List.of("tcbInfo", "qeIdentity", "pckCrl", "rootCaCrl")) {
            documents.put(role, subject.each().file(role));
        }
        documents.put(
                "TCB signing certificate",
                Certificates.ofPem("chain", subject.each().file("tcbInfoIssuerChain").toArray()).getFirst());
        int changed = 0;
        for (Map.Entry<String, Bytes> document : documents.entrySet()) {
            for (int i = 0; i < document.getValue().length(); i += document.getValue().length() < 2000 ? 1 : step) {
                byte[] mutant = document.getValue().toArray();
                mutant[i] ^= (byte) (i / step % 2 == 0 ? 0x01 : 0x80);
                changed++;
                assertThat(subject.accepted(verifier, subject.evidence().toArray(), instead(subject.pool(), document.getValue(), mutant)))
                        .as("%s of %s with byte %d changed", document.getKey(), subject.each(), i)
                        .isFalse();
            }
        }
        System.out.println("mutation: " + changed + " changes of the endorsements of " + subject.each());
    }

    private static Endorsements instead(Endorsements all, Bytes original, byte[] mutant) {
        Bytes other = Bytes.of(mutant);
        return need -> {
            Endorsements.Answer answer = all.find(need);
            List<Bytes> documents = answer.documents().stream()
                    .filter(each -> !each.equals(original))
                    .collect(Collectors.toCollection(ArrayList::new));
            if (documents.size() < answer.documents().size()) {
                documents.add(other);
            }
            return new Endorsements.Answer(documents, answer.problems());
        };
    }
}
