package org.innerkeep.evidence.token;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.internal.SignatureScheme;
import org.innerkeep.evidence.internal.Verification;

/** Verifies tokens of attestation services. */
public final class TokenVerifier {
    private static final Set<String> TYPES = Set.of("jwt", "application/jwt", "eat+jwt", "application/eat+jwt");

    private final Token token;
    private final Verification run;

    private TokenVerifier(Token token, Verification run) {
        this.token = token;
        this.run = run;
    }

    /**
     * Verifies:
     *
     * <ol>
     *   <li>it is signed by an algorithm of public keys, and says that it is a token of this kind;
     *   <li>its issuer is pinned, exactly as the token names it;
     *   <li>its key is one that is pinned for that issuer by this key id; or its certificate chain, which comes in the token or with
     *       the issuer's published keys, leads to the root pinned for that issuer;
     *   <li>the signature is right, by the algorithm that the key is for;
     *   <li>it is valid at this time;
     *   <li>it is for the audience and the nonce that are expected, where one is;
     *   <li>it says what was attested, and what it says passes the floors that all evidence has: TCB status, migration, debug.
     * </ol>
     *
     * @param token the token
     * @param run the verification
     * @return the verdict
     */
    public static Verdict verify(Token token, Verification run) {
        return new TokenVerifier(token, run).verify();
    }

    private Verdict verify() {
        Optional<SignatureScheme> scheme = checkForm();
        List<TokenIssuer> anchors = checkIssuer();
        if (!anchors.isEmpty()) {
            findKey(anchors).ifPresent(key -> scheme.ifPresent(how -> checkSignature(how, key)));
        }
        checkTime();
        checkAudience();
        Optional<Vouched> attested = Vouched.find(token.claims());
        checkNonce(attested.filter(OwnAttested.class::isInstance).isPresent());
        if (attested.isEmpty()) {
            run.refuse(
                    Code.TOKEN_NOT_ACCEPTED,
                    "token.claims",
                    "none of the claims by which a known service says what it attested",
                    "x-ms-attestation-type, attester_type, or hwmodel, with a known value",
                    "Ask for an attestation token; services sign other things too.");
            return run.refusal();
        }
        run.notChecked(
                "evidence of the platform itself",
                "second-hand: it is the word of " + shown(token.issuer()) + ", by the policy that was set there");
        return attested.get()
                .prove(token, anchors.stream().findFirst().map(TokenIssuer::id).orElse(Bytes.EMPTY), run)
                .map(run::conclude)
                .orElseGet(run::refusal);
    }

    /** Step 1. */
    private Optional<SignatureScheme> checkForm() {
        Jws jws = token.jws();
        Optional<SignatureScheme> scheme = Jws.scheme(jws.algorithm());
        if (scheme.isEmpty()) {
            boolean noSignature = jws.algorithm().startsWith("HS") || jws.algorithm().toLowerCase(Locale.ROOT).equals("none");
            run.refuse(
                    noSignature ? Code.ALGORITHM_WEAK : Code.NOT_VERIFIABLE,
                    "token.alg",
                    shown(jws.algorithm()),
                    "RS256, PS256, ES256, or one of these with 384 or 512",
                    "Ask the service for a token that a public key verifies.");
        }
        if (jws.type().isPresent() && !TYPES.contains(jws.type().get().toLowerCase(Locale.ROOT))) {
            run.refuse(
                    Code.TOKEN_NOT_ACCEPTED,
                    "token.typ",
                    shown(jws.type().get()),
                    "JWT, or EAT+JWT",
                    "Ask for an attestation token; this one is meant for something else.");
        }
        for (String pointer : List.of("jku", "jwk", "x5u")) {
            if (jws.header().find(pointer).isPresent()) {
                run.notChecked(pointer + " of the token", "never followed: keys are pinned");
            }
        }
        return scheme;
    }

    /** Step 2. */
    private List<TokenIssuer> checkIssuer() {
        List<TokenIssuer> all = run.options().anchors(TokenIssuer.class);
        List<TokenIssuer> found =
                all.stream().filter(each -> each.issuer().equals(token.issuer())).toList();
        if (found.isEmpty()) {
            run.refuse(
                    Code.ANCHOR_NOT_PINNED,
                    "token.iss",
                    shown(token.issuer()) + " (nothing of this token is proven)",
                    all.isEmpty() ? "a pinned issuer, and none is pinned" : "one of the " + all.size() + " pinned issuers",
                    "If you rely on this service, get its keys in a safe way and pin them.");
        }
        return found;
    }

    /** Step 3: the first that is pinned by its id, else the one of a chain that leads to a pinned root. */
    private Optional<TokenIssuer.Key> findKey(List<TokenIssuer> anchors) {
        Optional<String> id = token.jws().keyId();
        if (id.isPresent()) {
            for (TokenIssuer each : anchors) {
                TokenIssuer.Key key = each.keys().get(id.get());
                if (key != null) {
                    run.checked("key of the token", "pinned for " + shown(each.issuer()));
                    return Optional.of(key);
                }
            }
        }
        List<Bytes> roots = anchors.stream().flatMap(each -> each.root().stream()).distinct().toList();
        if (roots.isEmpty()) {
            run.refuse(
                    Code.TOKEN_NOT_ACCEPTED,
                    "token.kid",
                    id.map(TokenVerifier::shown).orElse("no key id"),
                    "the id of a key that is pinned for " + shown(token.issuer()),
                    "If the service has new keys, get them in a safe way and pin them.");
            return Optional.empty();
        }
        if (token.jws().certificates().isEmpty()) {
            return published(id, roots);
        }
        return certified("token.x5c", token.jws().certificates(), roots).map(key -> new TokenIssuer.Key(key, Optional.empty()));
    }

    private Optional<Bytes> certified(String path, List<Bytes> certificates, List<Bytes> roots) {
        List<X509Certificate> chain = new ArrayList<>();
        for (Bytes each : certificates) {
            try {
                chain.add(run.crypto().certificate("certificate", each));
            } catch (MalformedException e) {
                run.refuse(Code.MALFORMED, path, e, "Ask for the token again.");
                return Optional.empty();
            }
        }
        X509Certificate leaf = chain.getFirst();
        return Chain.prove(
                        run, leaf, chain.subList(1, chain.size()), new Chain.Rules(path, roots, Set.of(), Chain.Revocation.IF_AT_HAND))
                .map(proven -> Bytes.of(leaf.getPublicKey().getEncoded()));
    }

    /** A key of the set that the service publishes: nothing of the set counts but what a pinned root vouches for. */
    private Optional<TokenIssuer.Key> published(Optional<String> id, List<Bytes> roots) {
        Endorsements.Answer answer = run.find(new Need.TokenKeys(token.issuer()));
        List<Jwk> named = new ArrayList<>();
        for (Bytes document : answer.documents()) {
            try {
                for (Jwk each : Jwk.parseSet(document.toArray())) {
                    if (id.isPresent() && each.keyId().equals(id) && !each.certificates().isEmpty() && named.size() < 4) {
                        named.add(each);
                    }
                }
            } catch (MalformedException e) {
                // Candidates may be anything.
            }
        }
        if (named.isEmpty()) {
            run.missing("token.kid", "the certificate chain of the key " + id.map(TokenVerifier::shown).orElse("without an id"),
                    answer.problems());
            return Optional.empty();
        }
        Jwk key = named.stream().filter(this::signedIt).findFirst().orElse(named.getFirst());
        return certified("token.key-chain", key.certificates(), roots)
                .map(proven -> new TokenIssuer.Key(proven, key.algorithm()));
    }

    private boolean signedIt(Jwk key) {
        try {
            PublicKey parsed = run.crypto().publicKey("key", key.publicKey());
            return Jws.scheme(token.jws().algorithm())
                    .map(how -> run.crypto().verify(how, parsed, token.jws().signedBytes(), token.jws().signature().toArray()))
                    .orElse(false);
        } catch (MalformedException e) {
            return false;
        }
    }

    /** Step 4. */
    private void checkSignature(SignatureScheme scheme, TokenIssuer.Key key) {
        if (key.algorithm().isPresent() && !key.algorithm().get().equals(token.jws().algorithm())) {
            run.refuse(
                    Code.TOKEN_NOT_ACCEPTED,
                    "token.alg",
                    shown(token.jws().algorithm()),
                    shown(key.algorithm().get()) + ", which is what this key is for",
                    "Do not trust this token: a key signs in one way.");
            return;
        }
        try {
            PublicKey parsed = run.crypto().publicKey("key", key.publicKey());
            if (!run.crypto().verify(scheme, parsed, token.jws().signedBytes(), token.jws().signature().toArray())) {
                run.refuse(
                        Code.SIGNATURE_INVALID,
                        "token.signature",
                        "a signature that is not by this key of " + shown(token.issuer()),
                        "a valid signature",
                        "The token was changed or forged: do not trust whoever sent it.");
            }
        } catch (MalformedException e) {
            run.refuse(Code.ALGORITHM_WEAK, "token.key", e, "Pin a stronger key.");
        }
    }

    /** Step 5: RFC 7519 sections 4.1.4 to 4.1.6. */
    private void checkTime() {
        if (!run.at().minus(run.options().acceptedClockSkew()).isBefore(token.expires())) {
            run.refuse(
                    Code.EVIDENCE_STALE,
                    "token.exp",
                    "expired at " + token.expires(),
                    "valid at " + run.at(),
                    "Ask for a new token.");
        }
        token.notBefore().filter(from -> !run.hasBegun(from)).ifPresent(from -> run.refuse(
                Code.EVIDENCE_FROM_FUTURE,
                "token.nbf",
                "valid from " + from,
                "valid at " + run.at(),
                "Set the clock right, or accept some clock skew."));
        token.issuedAt().filter(at -> !run.hasBegun(at)).ifPresent(at -> run.refuse(
                Code.EVIDENCE_FROM_FUTURE,
                "token.iat",
                "issued at " + at,
                "issued by " + run.at(),
                "Set the clock right, or accept some clock skew."));
    }

    /** Step 6: RFC 7519 section 4.1.3. */
    private void checkAudience() {
        Optional<String> expected = run.expectedAudience();
        List<String> found = texts(token.claims().find("aud"));
        if (expected.isPresent() && !found.contains(expected.get())) {
            run.refuse(
                    Code.TOKEN_NOT_ACCEPTED,
                    "token.aud",
                    found.isEmpty() ? "no audience" : shown(String.join(", ", found)),
                    shown(expected.get()),
                    "The token was made for somebody else, who may be passing it on: ask for one for this audience.");
        } else if (expected.isEmpty() && token.claims().find("aud").isPresent()) {
            run.notChecked("audience of the token", "it has one, and none is expected: it may be meant for somebody else");
        }
    }

    /**
     * Step 6: where services repeat what the relying party gave them. This project's own has one place for it; under the other names
     * its policies issue claims, and callers send data.
     */
    private void checkNonce(boolean own) {
        Optional<Bytes> expected = run.expectedNonce();
        if (expected.isEmpty()) {
            run.notChecked("nonce of the token", "none is expected: without one, a token may be replayed while it is valid");
            return;
        }
        List<String> found = new ArrayList<>();
        for (String name : own ? List.of("nonce") : List.of("eat_nonce", "nonce", "rp_data")) {
            found.addAll(texts(token.claims().find(name)));
        }
        if (!own
                && token.claims().find("x-ms-runtime").orElse(null) instanceof JsonValue.Obj runtime
                && runtime.find("client-payload").orElse(null) instanceof JsonValue.Obj payload) {
            found.addAll(texts(payload.find("nonce")));
        }
        Set<String> wanted = spellings(expected.get());
        if (found.stream().noneMatch(wanted::contains)) {
            run.refuse(
                    Code.NONCE_MISMATCH,
                    "token.nonce",
                    found.isEmpty() ? "no nonce" : shown(String.join(", ", found)),
                    expected.get().shortHex(),
                    "The token was made for something else and may be replayed or relayed: ask for a fresh one.");
        }
    }

    /** The texts in which a nonce may stand, since JSON has no bytes: as it is where it is text, hexadecimal, base64 of either kind. */
    private static Set<String> spellings(Bytes nonce) {
        Set<String> all = new HashSet<>();
        byte[] bytes = nonce.toArray();
        Text.utf8(bytes).ifPresent(all::add);
        all.add(nonce.hex());
        all.add(nonce.hex().toUpperCase(Locale.ROOT));
        for (Base64.Encoder each : List.of(Base64.getUrlEncoder(), Base64.getEncoder())) {
            all.add(each.encodeToString(bytes));
            all.add(each.withoutPadding().encodeToString(bytes));
        }
        return all;
    }

    private static List<String> texts(Optional<JsonValue> value) {
        List<JsonValue> items = switch (value.orElse(null)) {
            case JsonValue.Arr array -> array.items();
            case JsonValue.Text text -> List.of(text);
            case null, default -> List.of();
        };
        return items.stream().filter(JsonValue.Text.class::isInstance).map(each -> ((JsonValue.Text) each).value()).toList();
    }

    private static String shown(String text) {
        return Text.shown(text);
    }
}
