package org.innerkeep.evidence.internal;

import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason.Code;

/**
 * A certificate path that leads to a pinned root key: RFC 5280 section 6 as far as makers' chains use it. What a certificate may mean
 * beyond that (critical extensions that are not known, name constraints, policies) is refused and not guessed.
 *
 * <p>A path may go through certificates that come with the evidence or with the endorsements: both are hostile, and only signatures
 * connect them. It ends where a pinned key signed. Of a root certificate nothing counts but its key, and its validity where it is at
 * hand.
 */
public final class Chain {
    private static final int MAX_DEPTH = 6;
    private static final int MAX_SIGNATURES = 24;
    private static final int MAX_PROBLEMS = 8;
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;
    private static final Set<String> KNOWN_CRITICAL = Set.of("2.5.29.15", "2.5.29.19");

    private final List<X509Certificate> certificates;
    private final Bytes root;
    private final List<X509CRL> lists = new ArrayList<>();

    private Chain(List<X509Certificate> certificates, Bytes root) {
        this.certificates = List.copyOf(certificates);
        this.root = root;
    }

    /** {@return the path from the leaf up; the last is signed by the root key, or is a certificate of that key} */
    public List<X509Certificate> certificates() {
        return certificates;
    }

    /** {@return the pinned key that the path leads to, SubjectPublicKeyInfo, DER} */
    public Bytes root() {
        return root;
    }

    /** {@return the revocation lists that cover the path from the leaf up, as far as any do; signed, and current or a reason says not} */
    public List<X509CRL> revocationLists() {
        return List.copyOf(lists);
    }

    /** {@return the issuer of the leaf, or nothing where the root key signed it and no certificate of that key is at hand} */
    public Optional<X509Certificate> issuer() {
        return certificates.size() > 1 ? Optional.of(certificates.get(1)) : Optional.empty();
    }

    /**
     * What a path must be like.
     *
     * @param path its name in reasons, such as {@code quote.pck-chain}
     * @param roots the pinned root keys, SubjectPublicKeyInfo, DER
     * @param known critical extensions that the caller looks at itself, beside key usage and basic constraints
     * @param revocation what to do about revocation
     */
    public record Rules(String path, List<Bytes> roots, Set<String> known, Revocation revocation) {
        /** Copies the collections. */
        public Rules {
            roots = List.copyOf(roots);
            known = Set.copyOf(known);
        }
    }

    /** What to do about revocation. */
    public enum Revocation {
        /** Every certificate but a root's must be covered by a current list of its issuer. */
        REQUIRED,
        /** As before, but of the leaf's issuer a list counts where it is at hand: for makers who never revoke leaves. */
        REQUIRED_ABOVE_LEAF,
        /** A list counts where it is at hand. */
        IF_AT_HAND
    }

    /**
     * Finds a path and checks everything on it. Every fault is a reason of the verification.
     *
     * @param run the verification
     * @param leaf the certificate whose key is to be trusted
     * @param others certificates that may stand between, in any order; hostile
     * @param rules what it must be like
     * @return the path, or nothing where none leads to a pinned key; where reasons were added it is no path to trust
     */
    public static Optional<Chain> prove(Verification run, X509Certificate leaf, List<X509Certificate> others, Rules rules) {
        return run.proveOnce(List.of(leaf, others, rules), Chain.class, () -> {
            Search search = new Search(run, others, rules);
            Optional<Chain> found = search.from(leaf);
            found.ifPresent(chain -> chain.check(run, rules));
            return found;
        });
    }

    /** The search for a path: bounded in depth and in signatures, since names may be chosen to make it long. */
    private static final class Search {
        private final Verification run;
        private final List<X509Certificate> others;
        private final Rules rules;
        private int signatures;
        private int deepest = -1;
        private Code code = Code.CHAIN_INVALID;
        private String found = "";
        private String wanted = "";
        private List<String> problems = List.of();

        Search(Verification run, List<X509Certificate> others, Rules rules) {
            this.run = run;
            this.others = others;
            this.rules = rules;
        }

        Optional<Chain> from(X509Certificate leaf) {
            if (rules.roots().isEmpty()) {
                run.refuse(
                        Code.ANCHOR_NOT_PINNED,
                        rules.path(),
                        "a chain of " + name(leaf.getSubjectX500Principal()),
                        "a pinned root key, and none of this maker is pinned",
                        "Pin the maker's root key.");
                return Optional.empty();
            }
            Optional<Chain> result = climb(List.of(leaf));
            if (result.isEmpty()) {
                if (code == Code.ENDORSEMENT_MISSING) {
                    run.missing(rules.path(), wanted, problems);
                } else {
                    run.refuse(code, rules.path(), found, wanted, "Do not trust this chain unless its maker explains it.");
                }
            }
            return result;
        }

        private Optional<Chain> climb(List<X509Certificate> path) {
            X509Certificate top = path.getLast();
            Bytes topKey = Bytes.of(top.getPublicKey().getEncoded());
            if (rules.roots().contains(topKey) && isSelfIssued(top)) {
                return signs(top, topKey) ? Optional.of(new Chain(path, topKey)) : dead(path, Code.SIGNATURE_INVALID,
                        "a certificate of " + name(top.getSubjectX500Principal()) + " that its own key did not sign", "a valid signature");
            }
            Endorsements.Answer answer = new Endorsements.Answer(List.of(), List.of());
            List<X509Certificate> issuers = named(others, top, path);
            if (issuers.isEmpty() && !isSelfIssued(top)) {
                X500Principal issuer = top.getIssuerX500Principal();
                answer = run.find(new Need.IssuerCertificate(Bytes.of(issuer.getEncoded()), name(issuer)));
                issuers = named(parsed(answer.documents()), top, path);
            }
            boolean tried = false;
            for (X509Certificate issuer : issuers) {
                if (path.size() >= MAX_DEPTH) {
                    return dead(path, Code.CHAIN_INVALID, "a chain of more than " + MAX_DEPTH + " certificates", "a shorter one");
                }
                tried = true;
                if (signs(top, Bytes.of(issuer.getPublicKey().getEncoded()))) {
                    List<X509Certificate> longer = new ArrayList<>(path);
                    longer.add(issuer);
                    Optional<Chain> result = climb(longer);
                    if (result.isPresent()) {
                        return result;
                    }
                }
            }
            for (Bytes root : rules.roots()) {
                if (signs(top, root)) {
                    return Optional.of(new Chain(path, root));
                }
            }
            String subject = name(top.getSubjectX500Principal());
            if (!run.crypto().signedStrongly(top)) {
                return dead(path, Code.ALGORITHM_WEAK, subject + " is signed with " + quoted(top.getSigAlgName()),
                        "ECDSA or RSA with SHA-256 or longer");
            } else if (isSelfIssued(top)) {
                return dead(path, Code.ANCHOR_NOT_PINNED, "a chain that ends in " + subject + ", key id "
                        + Bytes.sha256(topKey.toArray()), "one that ends in a pinned root key");
            } else if (tried) {
                return dead(path, Code.SIGNATURE_INVALID, subject + ", which no certificate or pinned key of that name signed",
                        "a signature by " + name(top.getIssuerX500Principal()));
            }
            problems = answer.problems();
            return dead(path, Code.ENDORSEMENT_MISSING, "", "the certificate of " + name(top.getIssuerX500Principal()));
        }

        /** Remembers the fault of the longest path that led nowhere: the others are side tracks. */
        private Optional<Chain> dead(List<X509Certificate> path, Code why, String what, String instead) {
            if (path.size() > deepest) {
                deepest = path.size();
                code = why;
                found = what;
                wanted = instead;
            }
            return Optional.empty();
        }

        private boolean signs(X509Certificate certificate, Bytes key) {
            return signatures++ < MAX_SIGNATURES && run.crypto().signed(certificate, key);
        }

        private List<X509Certificate> named(List<X509Certificate> from, X509Certificate below, List<X509Certificate> path) {
            Set<Bytes> keys = new HashSet<>();
            path.forEach(each -> keys.add(Bytes.of(each.getPublicKey().getEncoded())));
            X500Principal issuer = below.getIssuerX500Principal();
            return from.stream()
                    .filter(each -> each.getSubjectX500Principal().equals(issuer))
                    .filter(each -> !keys.contains(Bytes.of(each.getPublicKey().getEncoded())))
                    // Those that are valid now come first, so that a renewed certificate wins over the one before.
                    .sorted((one, other) -> Boolean.compare(!isValid(run, one), !isValid(run, other)))
                    .toList();
        }

        private List<X509Certificate> parsed(List<Bytes> documents) {
            return certificates(run, documents);
        }
    }

    /**
     * Those of some documents that are certificates.
     *
     * @param run the verification
     * @param documents hostile bytes
     * @return the certificates among them; others are left out
     */
    public static List<X509Certificate> certificates(Verification run, List<Bytes> documents) {
        List<X509Certificate> found = new ArrayList<>();
        for (Bytes document : documents) {
            try {
                found.add(run.crypto().certificate("certificate", document));
            } catch (MalformedException e) {
                // Candidates may be anything.
            }
        }
        return found;
    }

    private static boolean isSelfIssued(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    /** Tells whether a certificate is within its time. */
    public static boolean isValid(Verification run, X509Certificate certificate) {
        return run.hasBegun(certificate.getNotBefore().toInstant()) && !run.hasEnded(certificate.getNotAfter().toInstant());
    }

    private void check(Verification run, Rules rules) {
        for (int i = 0; i < certificates.size(); i++) {
            X509Certificate each = certificates.get(i);
            String at = rules.path() + "[" + i + "]";
            String subject = name(each.getSubjectX500Principal());
            checkValidity(run, at, each, subject);
            checkStrength(run, at, each, subject);
            Set<String> critical = each.getCriticalExtensionOIDs() == null ? Set.of() : each.getCriticalExtensionOIDs();
            for (String oid : critical) {
                if (!KNOWN_CRITICAL.contains(oid) && !rules.known().contains(oid)) {
                    run.refuse(Code.CHAIN_INVALID, at, subject + " has the critical extension " + oid, "known critical extensions only",
                            "Use a newer verifier.");
                }
            }
            if (i > 0) {
                checkAuthority(run, at, each, subject, i - 1);
            } else {
                checkLeaf(run, at, each, subject);
            }
            boolean isRoot = Bytes.of(each.getPublicKey().getEncoded()).equals(root);
            if (!isRoot) {
                Bytes issuerKey = i + 1 < certificates.size() ? Bytes.of(certificates.get(i + 1).getPublicKey().getEncoded()) : root;
                Optional<X509Certificate> issuer =
                        i + 1 < certificates.size() ? Optional.of(certificates.get(i + 1)) : Optional.empty();
                boolean required = rules.revocation() == Revocation.REQUIRED
                        || rules.revocation() == Revocation.REQUIRED_ABOVE_LEAF && i > 0;
                checkRevocation(run, required, at, each, issuerKey, issuer).ifPresent(lists::add);
            }
        }
    }

    private static void checkValidity(Verification run, String at, X509Certificate certificate, String subject) {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (!run.hasBegun(from)) {
            run.refuse(Code.CERTIFICATE_NOT_YET_VALID, at, subject + " is valid from " + from, "valid at " + run.at(),
                    "Set the clock right, or verify at a later time.");
        }
        if (run.hasEnded(until)) {
            run.refuse(Code.CERTIFICATE_EXPIRED, at, subject + " was valid until " + until, "valid at " + run.at(),
                    "Ask for evidence with a current certificate.");
        }
    }

    private static void checkStrength(Verification run, String at, X509Certificate certificate, String subject) {
        try {
            run.crypto().publicKey("public key", Bytes.of(certificate.getPublicKey().getEncoded()));
        } catch (MalformedException e) {
            run.refuse(Code.ALGORITHM_WEAK, at, subject + " has another key (" + e.problem() + ")",
                    "RSA of 2048 bits or more, or a point on P-256, P-384 or P-521", "Do not trust this chain.");
        }
        if (!run.crypto().signedStrongly(certificate)) {
            run.refuse(Code.ALGORITHM_WEAK, at, subject + " is signed with " + quoted(certificate.getSigAlgName()),
                    "ECDSA or RSA with SHA-256 or longer", "Do not trust this chain.");
        }
    }

    private static void checkLeaf(Verification run, String at, X509Certificate certificate, String subject) {
        if (certificate.getBasicConstraints() >= 0) {
            run.refuse(Code.CHAIN_INVALID, at, subject + " is a certification authority", "the certificate of a key that signs evidence",
                    "Do not trust this chain.");
        }
        boolean[] usage = certificate.getKeyUsage();
        if (usage != null && !usage[0]) {
            run.refuse(Code.CHAIN_INVALID, at, subject + " is not for digital signatures", "key usage digitalSignature",
                    "Do not trust this chain.");
        }
    }

    private static void checkAuthority(Verification run, String at, X509Certificate certificate, String subject, int below) {
        int most = certificate.getBasicConstraints();
        if (most < 0) {
            run.refuse(Code.CHAIN_INVALID, at, subject + " is no certification authority", "basic constraints with CA",
                    "Do not trust this chain.");
        } else if (below > most) {
            run.refuse(Code.CHAIN_INVALID, at, subject + " has " + below + " authorities below it", "at most " + most,
                    "Do not trust this chain.");
        }
        boolean[] usage = certificate.getKeyUsage();
        if (usage == null || !usage[KEY_CERT_SIGN]) {
            run.refuse(Code.CHAIN_INVALID, at, subject + " is not for signing certificates", "key usage keyCertSign",
                    "Do not trust this chain.");
        }
    }

    private static Optional<X509CRL> checkRevocation(
            Verification run, boolean required, String at, X509Certificate certificate, Bytes issuerKey,
            Optional<X509Certificate> issuer) {
        String subject = name(certificate.getSubjectX500Principal());
        X500Principal name = certificate.getIssuerX500Principal();
        Endorsements.Answer answer = run.find(new Need.RevocationList(Bytes.of(name.getEncoded()), name(name)));
        List<X509CRL> lists = new ArrayList<>();
        List<String> problems = new ArrayList<>(answer.problems());
        boolean unreadable = false;
        for (Bytes document : answer.documents()) {
            try {
                X509CRL list = run.crypto().revocationList("revocation list", document);
                if (list.getIssuerX500Principal().equals(name)) {
                    lists.add(list);
                }
            } catch (MalformedException e) {
                // Issuers come along with lists. Anything else may be a list, of this issuer, that revokes this certificate.
                if (certificates(run, List.of(document)).isEmpty()) {
                    unreadable = true;
                    if (problems.size() < MAX_PROBLEMS) {
                        problems.add("a document that breaks its form: " + e.field() + ": " + e.problem());
                    }
                }
            }
        }
        List<X509CRL> signed = lists.stream().filter(list -> run.crypto().signed(list, issuerKey)).toList();
        if (signed.isEmpty()) {
            if (!lists.isEmpty()) {
                run.refuse(Code.ENDORSEMENT_INVALID, at, "a revocation list of " + name(name) + " that its key did not sign",
                        "a valid signature", "Fetch the list again.");
            } else if (required || unreadable) {
                run.missing(at, "the revocation list of " + name(name), problems);
            } else {
                run.notChecked("revocation of " + subject, "no revocation list of " + name(name) + " is at hand");
            }
            return Optional.empty();
        }
        if (issuer.isPresent()) {
            boolean[] usage = issuer.get().getKeyUsage();
            if (usage == null || !usage[CRL_SIGN]) {
                run.refuse(Code.CHAIN_INVALID, at, name(name) + " is not for signing revocation lists", "key usage cRLSign",
                        "Do not trust this chain.");
            }
        }
        // Every list at hand counts against a certificate; the one that is current counts for it.
        if (signed.stream().anyMatch(list -> list.getRevokedCertificate(certificate.getSerialNumber()) != null)) {
            run.refuse(Code.CERTIFICATE_REVOKED, at, subject + " was revoked by " + name(name), "a certificate that was not",
                    "Do not trust what it certifies.");
        }
        X509CRL list = signed.stream().filter(each -> isCurrent(run, each)).findFirst().orElse(signed.getFirst());
        String where = at + ".revocation-list";
        if (list.getNextUpdate() == null) {
            run.refuse(Code.ENDORSEMENT_INVALID, where, "a revocation list that never ends", "one with a next update", "Fetch another.");
        } else {
            run.checkValidity(where, list.getThisUpdate().toInstant(), list.getNextUpdate().toInstant());
            run.checked("revocation of " + subject, "list of " + name(name) + ", next update " + list.getNextUpdate().toInstant());
        }
        Set<String> critical = list.getCriticalExtensionOIDs();
        if (critical != null && !critical.isEmpty()) {
            // A list with an issuing distribution point or a delta may be silent about this certificate.
            run.refuse(Code.ENDORSEMENT_INVALID, where, "a revocation list with critical extensions " + critical, "a plain one",
                    "Fetch the full list.");
        }
        return Optional.of(list);
    }

    private static boolean isCurrent(Verification run, X509CRL list) {
        return list.getNextUpdate() != null
                && run.hasBegun(list.getThisUpdate().toInstant())
                && !run.hasEnded(list.getNextUpdate().toInstant());
    }

    /** A name for people: hostile text, so shortened, and of printable ASCII only. */
    public static String name(X500Principal principal) {
        String full = principal.getName();
        for (int start = 0; start >= 0; start = nextPart(full, start)) {
            if (full.startsWith("CN=", start)) {
                int next = nextPart(full, start);
                return quoted(full.substring(start + 3, next < 0 ? full.length() : next - 1));
            }
        }
        return quoted(full);
    }

    /** Where the part of a name after this one begins: behind a comma that is not escaped; -1 at the end. */
    private static int nextPart(String name, int from) {
        for (int comma = name.indexOf(',', from); comma >= 0; comma = name.indexOf(',', comma + 1)) {
            if (comma == 0 || name.charAt(comma - 1) != '\\') {
                return comma + 1;
            }
        }
        return -1;
    }

    private static String quoted(String text) {
        StringBuilder shown = new StringBuilder("'");
        text.chars().limit(64).forEach(c -> shown.append(c >= ' ' && c <= '~' && c != '\'' ? (char) c : '?'));
        return shown.append(text.length() > 64 ? "…'" : "'").toString();
    }
}
