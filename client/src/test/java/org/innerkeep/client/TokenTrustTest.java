package org.innerkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.innerkeep.makers.FakeTokenService.quoted;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.innerkeep.policy.Policy;
import org.junit.jupiter.api.Test;

/**
 * Tokens of an attestation service, held against a trust decision. Among the refused are all those that Azure's own Java client
 * accepts with its default options.
 */
class TokenTrustTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final String ISSUER = "https://attest.example";
    private static final FakeTokenService SERVICE = new FakeTokenService(ISSUER, Algorithm.RS256, NOW);
    private static final FakeTokenService STRANGER = new FakeTokenService(ISSUER, Algorithm.RS256, NOW);
    private static final byte[] KEY = "the enclave's public key".getBytes(StandardCharsets.UTF_8);
    private static final Bytes NONCE = Bytes.of("a nonce of the relying party".getBytes(StandardCharsets.UTF_8));
    private static final TokenUse USE = TokenUse.boundTo(KEY).andNonce(NONCE);
    private static final Trust TRUST = Trust.signer(Bytes.fromHex("51".repeat(32)), 4639, 2)
            .on(SERVICE.keyAnchor())
            .at(Clock.fixed(NOW.plusSeconds(60), ZoneOffset.UTC));

    @Test
    void acceptsATokenOfAPinnedKeyForThisUse() {
        Verdict verdict = TRUST.verifyToken(token(), USE);

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> {
            assertThat(accepted.claims().kind()).isEqualTo("token");
            assertThat(accepted.claims().measurement()).hasValue(Measurement.sha256(Bytes.fromHex("e1".repeat(32))));
        });
        assertThat(refusals(TRUST, token(), TokenUse.withNonce(NONCE))).isEmpty();
        assertThat(refusals(TRUST, token(), TokenUse.boundTo(KEY))).isEmpty();
    }

    @Test
    void acceptsATokenWhoseKeyAPinnedRootVouchesFor() {
        Trust root = TRUST.on(SERVICE.rootAnchor());
        byte[] token = SERVICE.sign(SERVICE.headerWithChain(), claims(claims -> {}));

        assertThat(refusals(root, token, USE)).isEmpty();
        assertThat(refusals(TRUST, token, USE)).containsExactly(Code.TOKEN_NOT_ACCEPTED);
        assertThat(refusals(root, STRANGER.sign(STRANGER.headerWithChain(), claims(claims -> {})), USE))
                .isNotEmpty();
    }

    @Test
    void refusesNoSignature() {
        String header = "{\"alg\":\"none\",\"kid\":\"" + SERVICE.keyId() + "\",\"typ\":\"JWT\"}";
        String unsigned = url(header) + "." + url(FakeTokenService.object(claims(claims -> {}))) + ".";

        assertThat(refusals(TRUST, ascii(unsigned), USE)).contains(Code.ALGORITHM_WEAK);
        assertThat(refusals(TRUST, ascii(unsigned + "AAAA"), USE)).contains(Code.ALGORITHM_WEAK);
    }

    @Test
    void refusesABadSignature() {
        byte[] token = token();
        // Another letter of base64url, whichever stands there.
        token[token.length - 20] = (byte) (token[token.length - 20] == 'A' ? 'B' : 'A');

        assertThat(refusals(TRUST, token, USE)).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void refusesTheSignatureOfAnotherKeyUnderTheRightId() {
        assertThat(refusals(TRUST, STRANGER.sign(SERVICE.header(), claims(claims -> {})), USE))
                .containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void refusesAnUnknownAndAMissingKeyId() {
        assertThat(refusals(TRUST, STRANGER.sign(STRANGER.header(), claims(claims -> {})), USE))
                .containsExactly(Code.TOKEN_NOT_ACCEPTED);
        Map<String, String> header = SERVICE.header();
        header.remove("kid");
        assertThat(refusals(TRUST, SERVICE.sign(header, claims(claims -> {})), USE))
                .containsExactly(Code.TOKEN_NOT_ACCEPTED);
    }

    @Test
    void refusesAnotherIssuer() {
        assertThat(refusals(
                        TRUST,
                        SERVICE.sign(
                                SERVICE.header(), claims(claims -> claims.put("iss", quoted("https://evil.example")))),
                        USE))
                .containsExactly(Code.ANCHOR_NOT_PINNED);
        // Exactly: no slash more, no other case.
        assertThat(refusals(
                        TRUST,
                        SERVICE.sign(SERVICE.header(), claims(claims -> claims.put("iss", quoted(ISSUER + "/")))),
                        USE))
                .containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @Test
    void followsNoPointerToAKey() {
        Map<String, String> jku = STRANGER.header();
        jku.put("jku", quoted("https://evil.example/certs"));
        Map<String, String> jwk = STRANGER.header();
        jwk.put("jwk", keyOf(STRANGER));
        Map<String, String> x5u = STRANGER.header();
        x5u.put("x5u", quoted("https://evil.example/chain"));

        for (Map<String, String> header : Set.of(jku, jwk, x5u)) {
            assertThat(refusals(TRUST, STRANGER.sign(header, claims(claims -> {})), USE))
                    .containsExactly(Code.TOKEN_NOT_ACCEPTED);
            header.put("kid", quoted(SERVICE.keyId()));
            assertThat(refusals(TRUST, STRANGER.sign(header, claims(claims -> {})), USE))
                    .containsExactly(Code.SIGNATURE_INVALID);
        }
    }

    @Test
    void refusesAPublicKeyThatIsUsedAsASecret() throws Exception {
        String header = "{\"alg\":\"HS256\",\"kid\":\"" + SERVICE.keyId() + "\",\"typ\":\"JWT\"}";
        String signed = url(header) + "." + url(FakeTokenService.object(claims(claims -> {})));
        Mac mac = Mac.getInstance("HmacSHA256");
        Bytes publicKey = SERVICE.keyAnchor().keys().values().iterator().next().publicKey();
        mac.init(new SecretKeySpec(publicKey.toArray(), "HmacSHA256"));
        String tag = Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(ascii(signed)));

        assertThat(refusals(TRUST, ascii(signed + "." + tag), USE)).contains(Code.ALGORITHM_WEAK);
    }

    @Test
    void refusesWhatIsNotValidNow() {
        assertThat(refusals(TRUST.at(at(NOW.plus(Duration.ofHours(9)))), token(), USE))
                .contains(Code.EVIDENCE_STALE);
        assertThat(refusals(TRUST.at(at(NOW.minus(Duration.ofHours(1)))), token(), USE))
                .contains(Code.EVIDENCE_FROM_FUTURE);
    }

    @Test
    void refusesATokenThatIsValidAndOld() {
        Trust later = TRUST.at(at(NOW.plus(Duration.ofHours(1))));

        assertThat(refusals(later, token(), USE)).containsExactly(Code.EVIDENCE_STALE);
        assertThat(refusals(later.maxAge(Duration.ofHours(2), Duration.ofHours(2)), token(), USE))
                .isEmpty();
        assertThat(refusals(TRUST, SERVICE.sign(SERVICE.header(), claims(claims -> claims.remove("iat"))), USE))
                .containsExactly(Code.EVIDENCE_STALE);
    }

    @Test
    void refusesATokenForAnotherNonceAudienceOrKey() {
        assertThat(refusals(TRUST, token(), USE.andNonce(Bytes.of(new byte[16]))))
                .containsExactly(Code.NONCE_MISMATCH);
        assertThat(refusals(TRUST, token(), USE.andAudience("me"))).containsExactly(Code.TOKEN_NOT_ACCEPTED);
        assertThat(refusals(
                        TRUST,
                        SERVICE.sign(SERVICE.header(), claims(claims -> claims.put("aud", quoted("me")))),
                        USE.andAudience("me")))
                .isEmpty();
        assertThat(refusals(TRUST, token(), TokenUse.boundTo("another key".getBytes(StandardCharsets.UTF_8))))
                .containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void dataThatTheServiceHoldsBindsWhereThereIsNoReportData() {
        String held = Base64.getUrlEncoder().withoutPadding().encodeToString(KEY);
        byte[] token = SERVICE.sign(SERVICE.header(), claims(claims -> {
            claims.remove("x-ms-sgx-report-data");
            claims.put("x-ms-sgx-ehd", quoted(held));
        }));

        assertThat(refusals(TRUST, token, USE)).isEmpty();
        assertThat(refusals(TRUST, token, TokenUse.boundTo(new byte[] {1}))).containsExactly(Code.REPORT_DATA_MISMATCH);
        assertThat(refusals(
                        TRUST,
                        SERVICE.sign(SERVICE.header(), claims(claims -> claims.remove("x-ms-sgx-report-data"))),
                        USE))
                .containsExactly(Code.REPORT_DATA_MISMATCH);
        // The older name can be issued by a policy, so it proves nothing.
        assertThat(refusals(
                        TRUST,
                        SERVICE.sign(SERVICE.header(), claims(claims -> {
                            claims.remove("x-ms-sgx-report-data");
                            claims.put("aas-ehd", quoted(held));
                        })),
                        USE))
                .containsExactly(Code.REPORT_DATA_MISMATCH);
        // Report data that says something else is not outvoted.
        assertThat(refusals(
                        TRUST,
                        SERVICE.sign(SERVICE.header(), claims(claims -> {
                            claims.put("x-ms-sgx-report-data", quoted("00".repeat(64)));
                            claims.put("x-ms-sgx-ehd", quoted(held));
                        })),
                        USE))
                .containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void floorsAndRequirementsHoldForTokensToo() {
        byte[] debug = SERVICE.sign(SERVICE.header(), claims(claims -> claims.put("x-ms-sgx-is-debuggable", "true")));

        assertThat(refusals(TRUST, debug, USE)).containsExactly(Code.DEBUG_ENCLAVE);
        assertThat(refusals(TRUST.allowDebug(), debug, USE)).isEmpty();
        assertThat(refusals(TRUST.platforms("snp"), token(), USE)).containsExactly(Code.PLATFORM_NOT_ACCEPTED);
        assertThat(refusals(
                        TRUST, SERVICE.sign(SERVICE.header(), claims(claims -> claims.put("x-ms-sgx-svn", "1"))), USE))
                .containsExactly(Code.SVN_TOO_LOW);
    }

    @Test
    void claimsThatAnIssuersPolicyMakesPassForNothingThatWasMeasured() {
        Bytes runtime = Bytes.fromHex("aa".repeat(32));
        byte[] token = SERVICE.sign(SERVICE.header(), claims(claims -> {
            claims.put("runtime-digest", quoted(runtime.hex()));
            claims.put("$tee", quoted("sgx"));
            claims.put("", quoted("nothing"));
        }));
        Policy policy = Policy.parse("version=1.0;authorizationrules{[type==\"$tee\", value==\"sgx\"]=>permit();};").orThrow();

        assertThat(refusals(TRUST, token, USE)).isEmpty();
        assertThat(refusals(TRUST.runtime(runtime), token, USE)).containsExactly(Code.RUNTIME_MISMATCH);
        assertThat(refusals(TRUST.andPolicy(policy), token, USE)).containsExactly(Code.POLICY_REFUSED);
    }

    @Test
    void aPolicyDecidesOverATokensClaims() {
        Trust policy = Trust.policy(Policy.parse("version=1.0;authorizationrules{[type==\"x-ms-sgx-svn\", value>=2]"
                                + "&&[type==\"vouched-by\", value==\"" + ISSUER + "\"]=>permit();};")
                        .orThrow())
                .on(SERVICE.keyAnchor())
                .at(at(NOW));

        assertThat(refusals(policy, token(), USE)).isEmpty();
        assertThat(refusals(
                        policy, SERVICE.sign(SERVICE.header(), claims(claims -> claims.put("x-ms-sgx-svn", "1"))), USE))
                .containsExactly(Code.POLICY_REFUSED);
    }

    @Test
    void aTokenIsNoEvidenceForASessionAndEvidenceIsNoToken() {
        byte[] reportData = Bytes.fromHex("da".repeat(64)).toArray();

        assertThat(codes(TRUST.appraise(token(), reportData, Purpose.SESSION))).contains(Code.ANCHOR_NOT_PINNED);
        assertThat(refusals(TRUST.on(Reports.ANCHOR), Reports.GOOD.signed(), USE))
                .contains(Code.ANCHOR_NOT_PINNED);
        assertThat(refusals(TRUST, ascii("no token"), USE)).isNotEmpty();
    }

    @Test
    void aUseIsForSomething() {
        assertThatThrownBy(() -> new TokenUse(Optional.empty(), Optional.empty(), Optional.of("me")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] token() {
        return SERVICE.sign(SERVICE.header(), claims(claims -> {}));
    }

    private static Map<String, String> claims(Consumer<Map<String, String>> change) {
        Map<String, String> claims = new LinkedHashMap<>(SERVICE.azureSgx(NOW));
        claims.put("x-ms-sgx-report-data", quoted(Bytes.sha256(KEY).hex() + "00".repeat(32)));
        change.accept(claims);
        return claims;
    }

    private static String keyOf(FakeTokenService service) {
        String set = new String(service.keySet(), StandardCharsets.US_ASCII);
        return set.substring(set.indexOf('[') + 1, set.lastIndexOf(']'));
    }

    private static Set<Code> refusals(Trust trust, byte[] token, TokenUse use) {
        return codes(trust.verifyToken(token, use));
    }

    private static Set<Code> codes(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> Set.of();
            case Verdict.Undecided undecided -> throw new AssertionError(undecided.explain());
            case Verdict.Refused refused ->
                refused.reasons().stream().map(Reason::code).collect(Collectors.toSet());
        };
    }

    private static Clock at(Instant instant) {
        return Clock.fixed(instant, ZoneOffset.UTC);
    }

    private static String url(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
