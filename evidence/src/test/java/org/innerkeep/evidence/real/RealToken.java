package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.token.Jwk;
import org.innerkeep.evidence.token.Token;

/** Tokens of attestation services, by pinned keys, by a pinned root, or by both, whatever the case has. */
final class RealToken implements RealKind {
    private static final Set<Code> OF_SIGNATURES = EnumSet.of(
            Code.SIGNATURE_INVALID, Code.CHAIN_INVALID, Code.ANCHOR_NOT_PINNED, Code.MALFORMED, Code.ALGORITHM_WEAK, Code.TOKEN_NOT_ACCEPTED);

    /** One way of trusting the issuer. */
    record Trust(Anchor anchor, Endorsements endorsements) {}

    static List<Trust> trusts(RealCase each) throws MalformedException {
        String issuer = Token.parse(each.file("token").toArray()).issuer();
        List<Trust> all = new ArrayList<>();
        if (each.has("jwks")) {
            all.add(new Trust(TokenIssuer.of(issuer, each.file("jwks").toArray()), Endorsements.none()));
        }
        if (each.has("trustAnchor")) {
            all.add(new Trust(
                    TokenIssuer.root(issuer, new Crypto(Optional.empty(), 0).certificate("anchor", each.certificate("trustAnchor"))),
                    each.endorsements("jwks")));
        }
        return all;
    }

    static VerifierOptions lenient(Trust trust) {
        EnumSet<TcbStatus> statuses = EnumSet.allOf(TcbStatus.class);
        statuses.remove(TcbStatus.REVOKED);
        return VerifierOptions.of(trust.anchor()).acceptTcb(statuses.toArray(TcbStatus[]::new));
    }

    @Override
    public void check(RealCase each) throws Exception {
        Expected expected = each.expected();
        Bytes token = each.file("token");
        Optional<String> signature = expected.text("signature");
        List<String> failures = expected.texts("failures");
        boolean debug = expected.flag("debug").orElse(false);
        Token parsed;
        try {
            parsed = Token.parse(token.toArray());
        } catch (MalformedException e) {
            assertThat(signature).isNotEqualTo(Optional.of("valid"));
            assertThat(new Verifier().verify(token.toArray(), Endorsements.none(), each.at(), VerifierOptions.of()))
                    .isInstanceOfSatisfying(Verdict.Refused.class, refused -> assertThat(refused.has(Code.MALFORMED)).isTrue());
            return;
        }
        checkForm(each, parsed);
        for (Trust trust : trusts(each)) {
            Verdict verdict = new Verifier().verify(token.toArray(), trust.endorsements(), each.at(), lenient(trust).allowDebug());
            if (signature.equals(Optional.of("valid"))) {
                if (verdict instanceof Verdict.Refused refused) {
                    assertThat(refused.reasons()).noneMatch(reason -> reason.code() == Code.SIGNATURE_INVALID);
                }
            } else if (!(verdict instanceof Verdict.Undecided)) {
                assertThat(verdict).isInstanceOfSatisfying(Verdict.Refused.class, refused ->
                        assertThat(refused.reasons()).anyMatch(reason -> OF_SIGNATURES.contains(reason.code())));
            }
            if (signature.equals(Optional.of("valid")) && failures.isEmpty()) {
                assertThat(verdict).as("%s", verdict).isInstanceOf(Verdict.Accepted.class);
                Claims claims = ((Verdict.Accepted) verdict).claims();
                assertThat(claims.debug()).isEqualTo(debug);
                checkClaims(parsed, claims);
                checkStrict(each, token, trust, claims);
                expected.text("tcbStatus", claims.text(Claims.TCB_STATUS).orElse("none"));
                expected.text("attesterTcbStatus", claims.text(Claims.TCB_STATUS).orElse("none"));
            } else {
                assertThat(verdict).isNotInstanceOf(Verdict.Accepted.class);
            }
            // Another time is another verdict, and another issuer's anchor is none.
            assertThat(new Verifier().verify(token.toArray(), trust.endorsements(), parsed.expires(), lenient(trust).allowDebug()))
                    .isInstanceOfSatisfying(Verdict.Refused.class, refused -> assertThat(refused.has(Code.EVIDENCE_STALE)).isTrue());
        }
        assertThat(trusts(each).isEmpty()
                        ? new Verifier().verify(token.toArray(), Endorsements.none(), each.at(), VerifierOptions.of())
                        : new Verifier().verify(token.toArray(), each.endorsements("jwks"), each.at(), VerifierOptions.of().allowDebug()))
                .isInstanceOfSatisfying(Verdict.Refused.class, refused -> assertThat(refused.has(Code.ANCHOR_NOT_PINNED)).isTrue());
        checkOthers(each, parsed);
    }

    private static void checkStrict(RealCase each, Bytes token, Trust trust, Claims claims) {
        Verdict strict = new Verifier().verify(token.toArray(), trust.endorsements(), each.at(), VerifierOptions.of(trust.anchor()));
        boolean current = claims.text(Claims.TCB_STATUS).orElse("UpToDate").equals("UpToDate");
        if (current && !claims.debug()) {
            assertThat(strict).isInstanceOf(Verdict.Accepted.class);
            return;
        }
        assertThat(strict).isInstanceOfSatisfying(Verdict.Refused.class, refused -> {
            assertThat(refused.has(Code.TCB_STATUS_NOT_ACCEPTED)).isEqualTo(!current);
            assertThat(refused.has(Code.DEBUG_ENCLAVE)).isEqualTo(claims.debug());
        });
    }

    /** The header, the registered claims, and that every claim is as the case states it. */
    private static void checkForm(RealCase each, Token token) {
        Expected expected = each.expected();
        assertThat(token.toByteArray()).isEqualTo(each.file("token").toArray());
        expected.object("header").ifPresent(header -> {
            Map<String, JsonValue> found = new LinkedHashMap<>(token.jws().header().fields());
            if (found.remove("x5c") != null) {
                header.text("x5c", token.jws().certificates().size() + " certificates");
            }
            found.forEach((name, value) -> header.take(name)
                    .ifPresent(wanted -> assertThat(plain(value)).as("header.%s", name).isEqualTo(plain(wanted))));
        });
        expected.text("iss", token.issuer());
        expected.number("exp", token.expires().getEpochSecond());
        for (Map.Entry<String, Optional<Instant>> time : Map.of("iat", token.issuedAt(), "nbf", token.notBefore()).entrySet()) {
            expected.number(time.getKey()).ifPresent(wanted ->
                    assertThat(time.getValue().map(Instant::getEpochSecond)).as(time.getKey()).hasValue(wanted));
        }
        expected.take("claims").ifPresent(claims -> assertThat(plain(claims)).isEqualTo(plain(token.claims())));
    }

    private static void checkClaims(Token token, Claims claims) {
        assertThat(claims.kind()).isEqualTo("token");
        assertThat(claims.platform()).isIn("sgx", "snp", "tdx", "vm");
        assertThat(claims.text("vouched-by")).hasValue(token.issuer());
        assertThat(claims.issuedAt()).isEqualTo(token.issuedAt());
        token.claims().fields().forEach((name, value) -> {
            if (!(value instanceof JsonValue.Nil)) {
                assertThat(plain(claims.details().get(name))).as(name).isEqualTo(plain(value));
            }
        });
        claims.measurement().ifPresent(measurement ->
                assertThat(new String(token.jws().payload().toArray(), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT))
                        .contains(measurement.digest().hex()));
    }

    private static void checkOthers(RealCase each, Token token) throws Exception {
        Expected expected = each.expected();
        List<String> chain = expected.texts("jwksChain");
        if (!chain.isEmpty()) {
            Jwk key = Jwk.parseSet(each.file("jwks").toArray()).stream()
                    .filter(one -> one.keyId().equals(token.jws().keyId()))
                    .findFirst()
                    .orElseThrow();
            List<X500Principal> found = new ArrayList<>();
            for (Bytes certificate : key.certificates()) {
                found.add(new Crypto(Optional.empty(), 0).certificate("x5c", certificate).getSubjectX500Principal());
            }
            assertThat(found).isEqualTo(chain.stream().map(X500Principal::new).toList());
        }
        if (!token.jws().certificates().isEmpty()) {
            List<Bytes> certificates = token.jws().certificates();
            expected.flag("x5cRootIsTrustAnchor", each.findCertificate("trustAnchor").equals(Optional.of(certificates.getLast())));
            expected.time("leafNotAfter", new Crypto(Optional.empty(), 0)
                    .certificate("leaf", certificates.getFirst())
                    .getNotAfter()
                    .toInstant());
            if (expected.flag("x5cChainValid").orElse(false)) {
                // Proven above: by the root alone, with no other keys, the token was accepted or refused for another reason.
                assertThat(each.has("trustAnchor")).isTrue();
            }
        }
        // Whatever else a case states of the token stands in it somewhere, under a name that ends like the field's.
        Map<String, Object> flat = new LinkedHashMap<>();
        flatten("", token.jws().header(), flat);
        flatten("", token.claims(), flat);
        for (String name : expected.left()) {
            expected.take(name).ifPresent(wanted -> assertThat(flat.entrySet())
                    .as(name)
                    .anyMatch(entry -> entry.getKey().endsWith(letters(name)) && entry.getValue().equals(plain(wanted))));
        }
    }

    private static void flatten(String path, JsonValue value, Map<String, Object> into) {
        into.put(letters(path), plain(value));
        if (value instanceof JsonValue.Obj object) {
            object.fields().forEach((name, each) -> flatten(path + name.replace("x-ms-", ""), each, into));
        }
    }

    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** Without places, so that values compare. */
    private static Object plain(JsonValue value) {
        return switch (value) {
            case JsonValue.Obj object -> {
                Map<String, Object> all = new LinkedHashMap<>();
                object.fields().forEach((name, each) -> {
                    if (!(each instanceof JsonValue.Nil)) {
                        all.put(name, plain(each));
                    }
                });
                yield all;
            }
            case JsonValue.Arr array -> array.items().stream().map(RealToken::plain).toList();
            case JsonValue.Text text -> text.value();
            case JsonValue.Num number -> number.value().stripTrailingZeros().toPlainString();
            case JsonValue.Flag flag -> flag.value();
            case JsonValue.Nil nil -> "null";
        };
    }

    private static Object plain(ClaimValue value) {
        return switch (value) {
            case ClaimValue.Group group -> {
                Map<String, Object> all = new LinkedHashMap<>();
                group.values().forEach((name, each) -> all.put(name, plain(each)));
                yield all;
            }
            case ClaimValue.Many many -> many.values().stream().map(RealToken::plain).toList();
            case ClaimValue.Text text -> text.value();
            case ClaimValue.Int number -> Long.toString(number.value());
            case ClaimValue.Flag flag -> flag.value();
        };
    }

}
