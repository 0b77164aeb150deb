package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every byte of real quotes and of what endorses them, changed one after the other. */
@Order(1)
class RealDcapMutationTest {
    private static final Crypto CRYPTO = new Crypto(Optional.empty(), 0);

    private final Verifier verifier = Verifier.with(new RememberingProvider());

    /** A case of which nothing but the quote leads to the platform's certificate. */
    private record Subject(RealCase each, Bytes evidence, EndorsementPool pool, VerifierOptions options) {
        /** Of those that are accepted the one with the fewest bytes. */
        static Subject smallest(String kind, Verifier verifier) {
            return RealEvidenceTest.cases(kind).stream()
                    .filter(each -> !each.has("pckCertChain"))
                    .map(Subject::of)
                    .filter(subject -> subject.verify(verifier, subject.evidence(), subject.pool()) instanceof Verdict.Accepted)
                    .min(Comparator.comparingInt(subject -> subject.evidence().length()
                            + subject.each().file("tcbInfo").length()
                            + subject.each().file("pckCrl").length()))
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

        Verdict verify(Verifier verifier, Bytes evidence, Endorsements endorsements) {
            return verifier.verify(evidence.toArray(), endorsements, each.at(), options);
        }

        boolean isRoot(Bytes certificate) throws MalformedException {
            X509Certificate parsed = CRYPTO.certificate("certificate", certificate);
            return options.roots(Maker.INTEL).contains(Bytes.of(parsed.getPublicKey().getEncoded()));
        }

        /** The certificates of a quote but that of the root, of which only the pinned key counts. */
        List<Bytes> certificates(byte[] quote) throws MalformedException {
            List<Bytes> found = new ArrayList<>();
            for (Bytes der : Certificates.ofPem("chain", Quote.parse(quote).certification().data().toArray())) {
                if (found.size() < 2) {
                    found.add(der);
                }
            }
            return found;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgx-dcap-v3", "tdx-v4", "tdx-v5"})
    void everyByteOfAQuoteCounts(String kind) throws MalformedException {
        Subject subject = Subject.smallest(kind, verifier);
        Quote quote = Quote.parse(subject.evidence().toArray());
        List<Bytes> certificates = subject.certificates(subject.evidence().toArray());
        assertThat(certificates).noneMatch(each -> isRoot(subject, each));
        int end = subject.evidence().length() - quote.trailing().length();
        int chain = end - quote.certification().data().length();
        // Without the issuer's certificate beside the quote, which could stand in for that within.
        EndorsementPool alone = subject.each().endorsements("tcbInfo", "qeIdentity", "tcbInfoIssuerChain", "pckCrl", "rootCaCrl");
        new Mutation(subject.each(), "quote", subject.evidence())
                .oneOf(9)
                .free("bytes after the quote", end, subject.evidence().length())
                .free("PEM text that leaves the certificates below the root as they are", (at, changed) ->
                        at >= chain && subject.certificates(changed).equals(certificates))
                .run(changed -> subject.verify(verifier, changed, alone));
    }

    private static boolean isRoot(Subject subject, Bytes certificate) {
        try {
            return subject.isRoot(certificate);
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgx-dcap-v3", "tdx-v4", "tdx-v5"})
    void everyByteOfTheEndorsementsOfAQuoteCounts(String kind) throws MalformedException {
        Subject subject = Subject.smallest(kind, verifier);
        List<Bytes> within = subject.certificates(subject.evidence().toArray());
        for (Map.Entry<String, Bytes> document : documents(subject.each()).entrySet()) {
            Bytes original = document.getValue();
            Mutation mutation = new Mutation(subject.each(), document.getKey(), original).oneOf(original.length() > 2000 ? 31 : 13);
            if (original.toArray()[0] == '{') {
                freeOfJson(mutation, original);
            } else if (within.contains(original)) {
                mutation.free("a certificate that the quote holds too", 0, original.length());
            } else if (document.getKey().contains("[") && subject.isRoot(original)) {
                mutation.free("the certificate of the root, of which only the key counts, and that is pinned", 0, original.length());
            }
            mutation.run(changed -> subject.verify(
                    verifier, subject.evidence(), Mutation.instead(subject.pool(), original, changed)));
        }
    }

    static void freeOfJson(Mutation mutation, Bytes original) {
        mutation.free("letters of hexadecimal digits of the signature, large or small", (at, changed) ->
                Character.isLetter(changed[at]) && (changed[at] ^ original.toArray()[at]) == 0x20
                        && new String(original.toArray(), StandardCharsets.ISO_8859_1).lastIndexOf("\"signature\"") < at);
        mutation.free("white space around the signed value", (at, changed) -> changed[at] <= ' ' && original.toArray()[at] <= ' ');
    }

    /** What a quote is verified with, certificates each for itself. */
    static Map<String, Bytes> documents(RealCase each) throws MalformedException {
        Map<String, Bytes> documents = new LinkedHashMap<>();
        for (String role : List.of("tcbInfo", "qeIdentity", "pckCrl", "rootCaCrl")) {
            documents.put(role, each.file(role));
        }
        for (String role : List.of("tcbInfoIssuerChain", "qeIdentityIssuerChain", "pckCrlIssuerChain")) {
            if (each.has(role)) {
                List<Bytes> chain = Certificates.ofPem("chain", each.file(role).toArray());
                for (int i = 0; i < chain.size(); i++) {
                    if (!documents.containsValue(chain.get(i))) {
                        documents.put(role + "[" + i + "]", chain.get(i));
                    }
                }
            }
        }
        return documents;
    }
}
