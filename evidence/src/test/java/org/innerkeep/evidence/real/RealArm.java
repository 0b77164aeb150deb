package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.arm.CcaToken;
import org.innerkeep.evidence.arm.PsaToken;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cose.CoseMessage;
import org.innerkeep.evidence.internal.JsonValue;

/** Tokens of Arm. */
final class RealArm {
    private RealArm() {}

    /** The key of a file in PEM, which is how vectors have it. */
    static Bytes publicKey(Bytes pem) {
        String text = new String(pem.toArray(), StandardCharsets.US_ASCII);
        return Bytes.of(Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", "").strip()));
    }

    static VerifierOptions options(RealCase each, AttesterKey.Kind kind) {
        return each.find("trustAnchor")
                .map(pem -> VerifierOptions.of(new AttesterKey(kind, publicKey(pem))))
                .orElse(VerifierOptions.of());
    }

    /** CCA tokens. */
    static void checkCca(RealCase each) throws MalformedException {
        byte[] evidence = each.file("token").toArray();
        Verifier verifier = new Verifier();
        VerifierOptions options = options(each, AttesterKey.Kind.CCA);
        List<Claims> accepted =
                Verdicts.check(each, options, some -> verifier.verify(evidence, Endorsements.none(), each.at(), some));
        Expected expected = each.expected();
        expected.known("sourceTest", "what the source's own test expects, in words; it agrees with the rest");

        CcaToken token = CcaToken.parse(evidence);
        assertThat(token.toByteArray()).isEqualTo(evidence);
        expected.number("cborTag", token.tag());
        expected.text("platformAlgorithm", token.platformEnvelope().scheme().orElseThrow().name());
        expected.text("realmAlgorithm", token.realmEnvelope().scheme().orElseThrow().name());
        expected.text("realmKeyHashAlgorithm", token.realm().publicKeyHashAlgorithm());
        expected.number("securityLifecycle", token.platform().securityLifecycle());
        Verdict verdict = verifier.verify(evidence, Endorsements.none(), each.at(), options);
        expected.flag("platformNonceIsHashOfRealmKey", !Verdicts.codes(verdict).contains(Code.BINDING_MISMATCH));
        if (token.platform().securityLifecycle() >> 8 != 0x30) {
            assertThat(Verdicts.codes(verdict)).contains(Code.LIFECYCLE_NOT_SECURED);
        }
        compare(expected, "platformClaims", token.platformEnvelope(), token.platform().toByteArray(), token.platform().unknownClaims());
        compare(expected, "realmClaims", token.realmEnvelope(), token.realm().toByteArray(), token.realm().unknownClaims());

        for (Claims claims : accepted) {
            assertThat(claims.kind()).isEqualTo("cca-token");
            assertThat(claims.platform()).isEqualTo("cca");
            assertThat(claims.reportData()).isEqualTo(token.realm().challenge());
            assertThat(claims.measurement()).isEqualTo(token.realm().measurement());
            assertThat(claims.signer()).isEmpty();
            assertThat(claims.anchor()).isEqualTo(options.anchors().iterator().next().id());
            assertThat(claims.text(Claims.MEMORY_READABLE_BY)).contains(claims.debug() ? "host" : "nobody");
            Map<String, String> names = Map.of(
                    "cca-platform-implementation-id", token.platform().implementationId().hex(),
                    "cca-platform-instance-id", token.platform().instanceId().hex(),
                    "cca-realm-initial-measurement", token.realm().initialMeasurement().hex(),
                    "cca-realm-personalization-value", token.realm().personalizationValue().hex());
            names.forEach((name, value) -> assertThat(claims.text(name)).contains(value));
            assertThat(claims.details().get("cca-realm-extensible-measurements"))
                    .isEqualTo(ClaimValue.ofTexts(token.realm().extensibleMeasurements().stream().map(Bytes::hex).toList()));
            checkNonce(each, verifier, options, token.realm().challenge(), evidence);
        }
    }

    /** PSA tokens. */
    static void checkPsa(RealCase each) throws MalformedException {
        byte[] evidence = each.file("token").toArray();
        Verifier verifier = new Verifier();
        VerifierOptions options = options(each, AttesterKey.Kind.PSA);
        List<Claims> accepted =
                Verdicts.check(each, options, some -> verifier.verify(evidence, Endorsements.none(), each.at(), some));
        Expected expected = each.expected();
        expected.known("sourceTest", "what the source's own test expects, in words; it agrees with the rest");

        PsaToken.Signed signed = PsaToken.parse(evidence);
        assertThat(signed.envelope().toByteArray()).isEqualTo(evidence);
        boolean mac = signed.envelope().form() == CoseMessage.Form.MAC0;
        expected.number("coseTag", mac ? 17 : 18);
        Verdict verdict = verifier.verify(evidence, Endorsements.none(), each.at(), options);
        assertThat(Verdicts.codes(verdict).contains(Code.NOT_VERIFIABLE)).isEqualTo(mac);
        if (mac) {
            expected.text("algorithm").ifPresent(
                    text -> assertThat(text).contains("(" + signed.envelope().algorithm().orElseThrow() + ")"));
        } else {
            expected.text("algorithm", signed.envelope().scheme().orElseThrow().name());
        }
        expected.text("profile", signed.token().profile().uri());
        expected.bytes("instanceId", signed.token().instanceId());
        expected.number("securityLifecycle", signed.token().securityLifecycle());
        if (signed.token().securityLifecycle() >> 8 != 0x30) {
            assertThat(Verdicts.codes(verdict)).contains(Code.LIFECYCLE_NOT_SECURED);
        }
        compare(expected, "claims", signed.envelope(), signed.token().toByteArray(), signed.token().unknownClaims());

        Optional<Boolean> isHash = expected.flag("instanceIdIsHashOfKey");
        for (Claims claims : accepted) {
            assertThat(claims.kind()).isEqualTo("psa-token");
            assertThat(claims.platform()).isEqualTo("psa");
            assertThat(claims.reportData()).isEqualTo(signed.token().nonce());
            assertThat(claims.measurement()).isEmpty();
            assertThat(claims.anchor()).isEqualTo(options.anchors().iterator().next().id());
            isHash.ifPresent(wanted ->
                    assertThat(claims.details().get("psa-instance-id-is-key-hash")).isEqualTo(ClaimValue.of(wanted.booleanValue())));
            assertThat(claims.text("psa-implementation-id")).contains(signed.token().implementationId().hex());
            checkNonce(each, verifier, options, signed.token().nonce(), evidence);
        }
    }

    private static void checkNonce(RealCase each, Verifier verifier, VerifierOptions options, Bytes nonce, byte[] evidence) {
        VerifierOptions other = options.allowDebug().nonce(Bytes.fromHex("00ff"));
        assertThat(Verdicts.codes(verifier.verify(evidence, Endorsements.none(), each.at(), other))).containsExactly(Code.NONCE_MISMATCH);
        VerifierOptions same = options.allowDebug().nonce(nonce).reportData(nonce);
        assertThat(verifier.verify(evidence, Endorsements.none(), each.at(), same)).isInstanceOf(Verdict.Accepted.class);
    }

    /** Compares every claim, as it stands in the token and as it is written again from what was understood of it. */
    private static void compare(Expected expected, String name, CoseMessage envelope, byte[] written, List<String> unknown)
            throws MalformedException {
        Optional<JsonValue> claims = expected.take(name);
        if (claims.isEmpty()) {
            return;
        }
        Object wanted = plain(claims.get());
        assertThat(plain(CborValue.parse(name, envelope.payload().toArray(), CborValue.Rules.ANY_HEADS))).as(name).isEqualTo(wanted);
        Map<Object, Object> understood = new LinkedHashMap<>((Map<?, ?>) wanted);
        understood.keySet().removeAll(unknown);
        assertThat(plain(CborValue.parse(name, written, CborValue.Rules.ANY_HEADS))).as(name).isEqualTo(understood);
    }

    private static Object plain(CborValue value) {
        return switch (value) {
            case CborValue.Int number -> number.value();
            case CborValue.ByteString bytes -> bytes.value().hex();
            case CborValue.Text text -> text.value();
            case CborValue.Flag flag -> flag.value();
            case CborValue.Arr array -> array.items().stream().map(RealArm::plain).toList();
            case CborValue.Obj map -> {
                Map<String, Object> all = new TreeMap<>();
                map.byNumber().forEach((key, each) -> all.put(Long.toString(key), plain(each)));
                map.byName().forEach((key, each) -> all.put(key, plain(each)));
                yield all;
            }
            case CborValue.Tagged tagged -> throw new AssertionError("no tags in claims");
            case CborValue.Nil nil -> throw new AssertionError("no nulls in claims");
        };
    }

    private static Object plain(JsonValue value) {
        return switch (value) {
            case JsonValue.Num number -> number.value().longValueExact();
            case JsonValue.Text text -> text.value();
            case JsonValue.Flag flag -> flag.value();
            case JsonValue.Arr array -> {
                List<Object> all = new ArrayList<>();
                array.items().forEach(each -> all.add(plain(each)));
                yield all;
            }
            case JsonValue.Obj object -> {
                Map<String, Object> all = new TreeMap<>();
                object.fields().forEach((key, each) -> all.put(key, plain(each)));
                yield all;
            }
            case JsonValue.Nil nil -> throw new AssertionError("no nulls in claims");
        };
    }
}
