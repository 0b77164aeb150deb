package org.innerkeep.evidence.dcap;

import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.SignatureScheme;
import org.innerkeep.evidence.internal.Verification;

/**
 * Finds TCB info and enclave identities among endorsements, and proves them: signed by Intel's TCB signing key, of which a certificate
 * leads to the pinned root and is not revoked, and current. Every item is proven by itself: whoever chooses the endorsements may mix
 * old and new ones. Belongs to one verification.
 */
final class Collateral {
    private static final int MAX_TRIES = 16;
    private static final int MAX_PROBLEMS = 8;
    private static final X500Principal TCB_SIGNING =
            new X500Principal("C=US, ST=CA, L=Santa Clara, O=Intel Corporation, CN=Intel SGX TCB Signing");
    private static final String SIGNING_PATH = "tcb-signing-chain";

    private static final Need SIGNERS = new Need.IssuerCertificate(Bytes.of(TCB_SIGNING.getEncoded()), "Intel SGX TCB Signing");

    private final Verification run;
    private final Map<Class<? extends SignedJson>, Used> used = new HashMap<>();

    /**
     * A document that counts, and by what.
     *
     * @param json what it says
     * @param document SHA-256 of it as it was served
     * @param certificates SHA-256 of the certificates from that of the key that signed it up, DER, one after the other
     * @param lists SHA-256 of the revocation lists that cover these, likewise
     */
    record Used(SignedJson json, Bytes document, Bytes certificates, Bytes lists) {
        static Used of(SignedJson json, Bytes document, List<X509Certificate> certificates, List<X509CRL> lists) {
            return new Used(
                    json,
                    Bytes.sha256(document.toArray()),
                    digest(certificates, X509Certificate::getEncoded),
                    digest(lists, X509CRL::getEncoded));
        }

        private static <T> Bytes digest(List<T> all, Encode<T> encode) {
            byte[][] parts = new byte[all.size()][];
            for (int i = 0; i < parts.length; i++) {
                try {
                    parts[i] = encode.encode(all.get(i));
                } catch (GeneralSecurityException e) {
                    throw new IllegalStateException("what was read from DER is written as DER", e);
                }
            }
            return Bytes.sha256(parts);
        }
    }

    /** How something that was read from DER is written. */
    @FunctionalInterface
    private interface Encode<T> {
        byte[] encode(T each) throws GeneralSecurityException;
    }

    /** What a document is, remembered also where it is nothing; and why it is nothing where it should be something. */
    private record Document(Optional<SignedJson> json, Optional<String> problem) {
        static Document parse(byte[] bytes) {
            try {
                return new Document(SignedJson.parse(bytes), Optional.empty());
            } catch (MalformedException e) {
                // Certificates come along, and others may: of those it is no fault to be no JSON.
                boolean isJson = bytes.length > 0 && bytes[0] == '{';
                return new Document(Optional.empty(), isJson ? Optional.of(e.field() + ": " + e.problem()) : Optional.empty());
            }
        }
    }

    Collateral(Verification run) {
        this.run = run;
    }

    /** The TCB info of a platform's kind. Faults are reasons of the verification. */
    Optional<TcbInfo> tcbInfo(Need.Tee tee, PckExtension pck) {
        return find(
                "tcb-info",
                new Need.TcbInfo(tee, pck.fmspc()),
                pck.pceId(),
                tee + " TCB info for FMSPC " + pck.fmspc(),
                TcbInfo.class,
                info -> info.tee() == tee && info.fmspc().equals(pck.fmspc()) && info.pceId().equals(pck.pceId()));
    }

    /** The identity of the quoting enclave. Faults are reasons of the verification. */
    Optional<EnclaveIdentity> identity(Need.Tee tee) {
        return find(
                "qe-identity",
                new Need.EnclaveIdentity(tee),
                Bytes.EMPTY,
                "the identity of the " + tee + " quoting enclave",
                EnclaveIdentity.class,
                identity -> identity.tee() == tee);
    }

    /** What is wanted follows from the need and from what else it is of. */
    private <T extends SignedJson> Optional<T> find(
            String path, Need need, Bytes of, String what, Class<T> type, Predicate<T> wanted) {
        Optional<Used> found = run.proveOnce(List.of(path, need, of), Used.class, () -> prove(path, need, what, type, wanted));
        found.ifPresent(each -> used.put(type, each));
        return found.map(each -> type.cast(each.json()));
    }

    private <T extends SignedJson> Optional<Used> prove(
            String path, Need need, String what, Class<T> type, Predicate<T> wanted) {
        Endorsements.Answer answer = run.find(need);
        List<T> candidates = new ArrayList<>();
        IdentityHashMap<T, Bytes> served = new IdentityHashMap<>();
        List<String> problems = new ArrayList<>(answer.problems());
        for (Bytes document : answer.documents()) {
            Document read = parse(document);
            read.json().filter(type::isInstance).map(type::cast).filter(wanted).ifPresent(candidate -> {
                candidates.add(candidate);
                served.put(candidate, document);
            });
            read.problem().ifPresent(problem -> problems.add("a document that breaks its form: " + problem));
        }
        if (candidates.isEmpty()) {
            // What is broken may be what is wanted: nobody can tell, so it is no reason to refuse, and is said.
            run.missing(path, what, problems.stream().distinct().limit(MAX_PROBLEMS).toList());
            return Optional.empty();
        }
        // Of several that are current the newest evaluation counts: who chooses the endorsements may have left older ones in.
        candidates.sort(Comparator.<T, Boolean>comparing(this::isCurrent)
                .thenComparingInt(SignedJson::evaluation)
                .thenComparing(SignedJson::issueDate)
                .reversed());
        List<X509Certificate> signers = signers(answer);
        if (signers.isEmpty()) {
            run.missing(SIGNING_PATH, "the certificate of 'Intel SGX TCB Signing'", List.of());
            return Optional.empty();
        }
        Optional<Signed<T>> best = signed(candidates, signers.stream().filter(this::isOfRoot).toList());
        if (best.isEmpty()) {
            // To say what is wrong, and not to accept.
            best = signed(candidates, signers);
        }
        if (best.isEmpty()) {
            run.refuse(
                    Code.ENDORSEMENT_INVALID,
                    path,
                    what + " that Intel's TCB signing key did not sign",
                    "a valid signature",
                    "Fetch it again.");
            return Optional.empty();
        }
        T chosen = best.get().json();
        run.checkValidity(path, chosen.issueDate(), chosen.nextUpdate());
        checkEvaluation(path, chosen);
        Optional<Chain> chain = prove(best.get().signer(), signers);
        run.checked(
                what, "evaluation " + chosen.evaluation() + ", " + chosen.issueDate() + " to " + chosen.nextUpdate());
        return Optional.of(Used.of(
                chosen,
                served.getOrDefault(chosen, Bytes.EMPTY),
                chain.map(Chain::certificates).orElse(List.of()),
                chain.map(Chain::revocationLists).orElse(List.of())));
    }

    /**
     * What was found to count.
     *
     * @param type of which kind
     * @return the document, or nothing where none was found; proven where the verification has no reason against it
     */
    Optional<Used> used(Class<? extends SignedJson> type) {
        return Optional.ofNullable(used.get(type));
    }

    private Document parse(Bytes document) {
        try {
            return run.crypto().remember(Document.class, document, Document::parse);
        } catch (MalformedException e) {
            throw new IllegalStateException("reading a document keeps its fault as a value", e);
        }
    }

    private boolean isCurrent(SignedJson json) {
        return run.hasBegun(json.issueDate()) && !run.hasEnded(json.nextUpdate());
    }

    private List<X509Certificate> signers(Endorsements.Answer answer) {
        List<Bytes> documents = new ArrayList<>();
        for (Bytes document : answer.documents()) {
            if (parse(document).json().isEmpty()) {
                documents.add(document);
            }
        }
        Set<X509Certificate> found = new LinkedHashSet<>();
        for (X509Certificate each : Chain.certificates(run, documents)) {
            if (each.getSubjectX500Principal().equals(TCB_SIGNING)) {
                found.add(each);
            }
        }
        Chain.certificates(run, run.find(SIGNERS).documents()).stream()
                .filter(each -> each.getSubjectX500Principal().equals(TCB_SIGNING))
                .forEach(found::add);
        // Certificates are renewed and keys kept: one that is valid now wins over one that is not.
        return found.stream()
                .sorted(Comparator.comparing((X509Certificate each) -> Chain.isValid(run, each)).reversed())
                .toList();
    }

    /** The root signs for TCB signing itself, so that no authority over platforms' keys can. */
    private boolean isOfRoot(X509Certificate certificate) {
        return run.options().roots(Maker.INTEL).stream().anyMatch(root -> run.crypto().signed(certificate, root));
    }

    private record Signed<T extends SignedJson>(T json, X509Certificate signer) {}

    private <T extends SignedJson> Optional<Signed<T>> signed(List<T> candidates, List<X509Certificate> signers) {
        int tries = 0;
        for (T candidate : candidates) {
            for (X509Certificate signer : signers) {
                if (tries++ == MAX_TRIES) {
                    return Optional.empty();
                }
                if (run.crypto().verifyOnce(
                        SignatureScheme.ES256,
                        Bytes.of(signer.getPublicKey().getEncoded()),
                        candidate.signed(),
                        candidate.signature())) {
                    return Optional.of(new Signed<>(candidate, signer));
                }
            }
        }
        return Optional.empty();
    }

    private void checkEvaluation(String path, SignedJson json) {
        run.options().leastEvaluation().ifPresent(least -> {
            if (json.evaluation() < least) {
                run.refuse(
                        Code.ENDORSEMENT_TOO_OLD,
                        path,
                        "evaluation " + json.evaluation(),
                        "evaluation " + least + " or newer",
                        "Fetch endorsements of a newer evaluation.");
            }
        });
    }

    private Optional<Chain> prove(X509Certificate signer, List<X509Certificate> signers) {
        Optional<Chain> chain = Chain.prove(
                run,
                signer,
                signers,
                new Chain.Rules(SIGNING_PATH, run.options().roots(Maker.INTEL), Set.of(), Chain.Revocation.REQUIRED));
        if (chain.isPresent() && !isOfRoot(signer)) {
            run.refuse(
                    Code.CHAIN_INVALID,
                    SIGNING_PATH,
                    "a TCB signing certificate that the root did not issue",
                    "one that it did",
                    "Do not trust this chain.");
        }
        return chain;
    }
}
