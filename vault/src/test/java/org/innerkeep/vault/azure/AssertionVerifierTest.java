package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.innerkeep.makers.FakeTokenService.quoted;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.junit.jupiter.api.Test;

/** Tokens that are offered as proof of an environment, honest ones and others. */
class AssertionVerifierTest {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
    private static final String AUDIENCE = "https://vault.example";
    private static final FakeTokenService AZURE = new FakeTokenService("https://attest.example", Algorithm.RS256, NOW);
    private static final FakeTokenService INTEL = new FakeTokenService("https://portal.trust.example", Algorithm.PS384, NOW);
    private static final FakeTokenService STRANGER = new FakeTokenService("https://attest.example", Algorithm.RS256, NOW);
    private static final Environment ENVIRONMENT = new Environment();
    private static final Optional<String> CHALLENGE = Optional.of("challenge");

    private static AssertionVerifier verifier(boolean debugAllowed, TcbStatus... accepted) {
        return new AssertionVerifier(
                List.of(Authority.pinned("azure", AZURE.keyAnchor(), true), Authority.pinned("intel", INTEL.rootAnchor(), false)),
                new AssertionVerifier.Settings(AUDIENCE, Duration.ofMinutes(5), Duration.ZERO, debugAllowed, List.of(accepted)),
                new Verifier());
    }

    private static Map<String, String> claims() {
        return ENVIRONMENT.claims(AZURE, NOW, CHALLENGE);
    }

    private static String signed(Consumer<Map<String, String>> change) {
        Map<String, String> claims = claims();
        change.accept(claims);
        return Environment.text(AZURE.sign(AZURE.header(), claims));
    }

    private static String headed(Consumer<Map<String, String>> change) {
        Map<String, String> header = new LinkedHashMap<>(AZURE.header());
        change.accept(header);
        return Environment.text(AZURE.sign(header, claims()));
    }

    private static void refused(String token, Instant at, String reason) {
        assertThatThrownBy(() -> verifier(false).verify(token, at))
                .isInstanceOf(AssertionRefusedException.class)
                .hasMessageContaining(reason);
    }

    private static void refused(String token, String reason) {
        refused(token, NOW, reason);
    }

    @Test
    void aTokenOfAPinnedAuthorityNamesItsKeyAndChallenge() throws Exception {
        Assertion assertion = verifier(false).verify(ENVIRONMENT.token(AZURE, NOW, CHALLENGE), NOW);

        assertThat(assertion.authority().name()).isEqualTo("azure");
        assertThat(assertion.target().id()).isEqualTo("target");
        assertThat(assertion.challenge()).isEqualTo(CHALLENGE);
        assertThat(assertion.issuedAt()).isEqualTo(NOW);
        assertThat(assertion.claims().path("x-ms-sgx-mrsigner").stringValue()).isEqualTo(Environment.SIGNER);
    }

    @Test
    void aTokenWhoseKeyAPinnedRootCertifiedIsTakenTooAndNeedsNoChallengeWhereTheOwnerSaysSo() throws Exception {
        Map<String, String> claims = new LinkedHashMap<>(INTEL.intelTdx(NOW));
        claims.put("x-ms-runtime", ENVIRONMENT.runtime(Optional.empty()));
        Assertion assertion = verifier(false).verify(Environment.text(INTEL.sign(INTEL.headerWithChain(), claims)), NOW);
        assertThat(assertion.authority().name()).isEqualTo("intel");
        assertThat(assertion.challenge()).isEmpty();
    }

    private static String guest(FakeTokenService service, Map<String, String> header, String nonce) {
        Map<String, String> claims = new LinkedHashMap<>(service.azureVm(NOW));
        String runtime = ENVIRONMENT.runtime(Optional.empty());
        claims.put("x-ms-runtime", runtime.substring(0, runtime.length() - 1) + ",\"client-payload\":{\"nonce\":" + quoted(nonce) + "}}");
        return Environment.text(service.sign(header, claims));
    }

    @Test
    void whatGuestsOfAzurePutIntoTheirClientPayloadIsAChallengeOnlyWhereNoneIsNeeded() throws Exception {
        // By its letters alone the second could be base64 of something else.
        for (String challenge : List.of("_-".repeat(21) + "A", "A".repeat(43))) {
            for (String sent : List.of(challenge, Base64.getEncoder().encodeToString(challenge.getBytes(StandardCharsets.US_ASCII)))) {
                assertThat(verifier(false).verify(guest(INTEL, INTEL.headerWithChain(), sent), NOW).challenge()).contains(challenge);
                // Nothing says that it is in what the evidence is over.
                refused(guest(AZURE, AZURE.header(), sent), "x-ms-runtime.nonce");
            }
        }
    }

    @Test
    void aTokenThatExpiredOrIsOfTheFutureIsRefused() {
        refused(signed(claims -> claims.put("exp", Long.toString(NOW.getEpochSecond()))), "EVIDENCE_STALE");
        refused(signed(claims -> claims.put("nbf", Long.toString(NOW.getEpochSecond() + 1))), "EVIDENCE_FROM_FUTURE");
        refused(signed(claims -> claims.put("iat", Long.toString(NOW.getEpochSecond() + 1))), "EVIDENCE_FROM_FUTURE");
        refused(signed(claims -> claims.remove("exp")), "exp");
    }

    @Test
    void aTokenOlderThanFiveMinutesIsRefusedAlthoughItIsValidForHours() throws Exception {
        String token = ENVIRONMENT.token(AZURE, NOW, CHALLENGE);
        assertThat(verifier(false).verify(token, NOW.plusSeconds(300)).issuedAt()).isEqualTo(NOW);
        refused(token, NOW.plusSeconds(301), "at most 300 seconds before");
        refused(signed(claims -> claims.remove("iat")), "iat");
        refused(signed(claims -> claims.put("iat", quoted("now"))), "iat");
    }

    @Test
    void aTokenOfAnotherIssuerOrByAnotherKeyIsRefused() {
        refused(signed(claims -> claims.put("iss", quoted("https://attest.example/"))), "ANCHOR_NOT_PINNED");
        refused(signed(claims -> claims.put("iss", quoted("https://evil.example"))), "ANCHOR_NOT_PINNED");
        refused(signed(claims -> claims.put("iss", quoted(INTEL.issuer()))), "ENDORSEMENT_MISSING token.kid");
        refused(Environment.text(STRANGER.sign(STRANGER.header(), claims())), "TOKEN_NOT_ACCEPTED");
        refused(Environment.text(STRANGER.sign(AZURE.header(), claims())), "SIGNATURE_INVALID");
        refused(headed(header -> header.remove("kid")), "TOKEN_NOT_ACCEPTED");
    }

    @Test
    void aTokenThatIsMeantForSomebodyElseIsRefused() throws Exception {
        refused(signed(claims -> claims.put("aud", quoted("https://other.example"))), "token.aud");
        refused(signed(claims -> claims.put("aud", "[]")), "token.aud");
        String ours = signed(claims -> claims.put("aud", "[\"https://other.example\",\"" + AUDIENCE + "\"]"));
        assertThat(verifier(false).verify(ours, NOW).authority().name()).isEqualTo("azure");
    }

    @Test
    void aTokenThatNobodySignedIsRefused() {
        String[] parts = ENVIRONMENT.token(AZURE, NOW, CHALLENGE).split("\\.", -1);
        String none = Base64Text.url("{\"alg\":\"none\"}".getBytes(StandardCharsets.US_ASCII));
        refused(none + "." + parts[1] + ".", "ALGORITHM_WEAK");
        refused(none + "." + parts[1] + "." + parts[2], "ALGORITHM_WEAK");
        refused(headed(header -> header.put("alg", quoted("None"))), "ALGORITHM_WEAK");
        refused(parts[0] + "." + parts[1] + ".", "SIGNATURE_INVALID");
    }

    @Test
    void aPublicKeyIsNoSecret() throws Exception {
        String header = "{\"alg\":\"HS256\",\"kid\":\"" + AZURE.keyId() + "\",\"typ\":\"JWT\"}";
        String signed = Base64Text.url(header.getBytes(StandardCharsets.US_ASCII))
                + "." + ENVIRONMENT.token(AZURE, NOW, CHALLENGE).split("\\.", -1)[1];
        byte[] open = AZURE.keyAnchor().keys().values().iterator().next().publicKey().toArray();
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(open, "HmacSHA256"));
        refused(signed + "." + Base64Text.url(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII))), "ALGORITHM_WEAK");
    }

    @Test
    void keysThatATokenBringsOrPointsToCountForNothing() {
        String jwk = new String(STRANGER.keySet(), StandardCharsets.US_ASCII).replaceAll("^.*\\[|\\]\\}$", "");
        Map<String, String> header = new LinkedHashMap<>(STRANGER.header());
        header.put("jwk", jwk);
        header.put("jku", quoted("https://evil.example/certs"));
        refused(Environment.text(STRANGER.sign(header, claims())), "TOKEN_NOT_ACCEPTED");
        header.put("x5u", quoted("https://evil.example/chain"));
        refused(Environment.text(STRANGER.sign(header, claims())), "TOKEN_NOT_ACCEPTED");
        refused(Environment.text(STRANGER.sign(STRANGER.headerWithChain(), claims())), "TOKEN_NOT_ACCEPTED");
    }

    @Test
    void aTokenThatWasChangedIsRefused() {
        String token = ENVIRONMENT.token(AZURE, NOW, CHALLENGE);
        String[] parts = token.split("\\.", -1);
        String other = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
                .replace(Environment.SIGNER, "52".repeat(32));
        refused(parts[0] + "." + Base64Text.url(other.getBytes(StandardCharsets.UTF_8)) + "." + parts[2], "SIGNATURE_INVALID");
        refused(token + "x", "base64url");
        refused(token + ".", "three parts");
        refused("", "expected an attestation token");
        refused("not a token", "expected an attestation token");
    }

    @Test
    void aTokenWithoutAChallengeInItsRuntimeDataIsRefusedWhereverElseItHasANonce() {
        refused(ENVIRONMENT.token(AZURE, NOW, Optional.empty()), "x-ms-runtime.nonce");
        refused(signed(claims -> {
            claims.put("x-ms-runtime", ENVIRONMENT.runtime(Optional.empty()));
            claims.put("nonce", quoted("challenge"));
            claims.put("x-ms-isolation-tee", "{\"x-ms-runtime\":" + ENVIRONMENT.runtime(CHALLENGE) + "}");
        }), "x-ms-runtime.nonce");
    }

    @Test
    void environmentsThatCanBeDebuggedAreRefusedUnlessThePolicyIsToDecide() throws Exception {
        String token = signed(claims -> claims.put("x-ms-sgx-is-debuggable", "true"));
        refused(token, "DEBUG_ENCLAVE");
        assertThat(verifier(true).verify(token, NOW).claims().path("x-ms-sgx-is-debuggable").booleanValue()).isTrue();
    }

    @Test
    void aPlatformThatIsNotUpToDateIsRefusedUnlessThePolicyIsToDecide() throws Exception {
        Map<String, String> claims = new LinkedHashMap<>(INTEL.intelTdx(NOW));
        claims.put("attester_tcb_status", quoted("OutOfDate"));
        claims.put("x-ms-runtime", ENVIRONMENT.runtime(Optional.empty()));
        String token = Environment.text(INTEL.sign(INTEL.headerWithChain(), claims));
        refused(token, "TCB_STATUS_NOT_ACCEPTED");
        assertThat(verifier(false, TcbStatus.OUT_OF_DATE).verify(token, NOW).authority().name()).isEqualTo("intel");
    }

    @Test
    void aTokenThatSaysNothingOfAnEnvironmentIsRefused() {
        refused(signed(claims -> claims.remove("x-ms-attestation-type")), "TOKEN_NOT_ACCEPTED");
    }

    @Test
    void theFirstKeyForEncryptionIsChosenAndMustBeStrong() throws Exception {
        String weak = "{\"keys\":[{\"kid\":\"weak\",\"kty\":\"RSA\",\"use\":\"enc\",\"e\":\"AQAB\",\"n\":\""
                + Base64Text.url(new byte[] {(byte) 0x81, 1}) + "\"}],\"nonce\":\"challenge\"}";
        refused(signed(claims -> claims.put("x-ms-runtime", weak)), "2048 to 8192 bits, found 16");
        String modulus = Environment.number(org.innerkeep.makers.Authority.rsaKeys(2048).getPublic());
        for (String exponent : List.of("AQ", "Ag", "")) {
            refused(signed(claims -> claims.put("x-ms-runtime", "{\"keys\":[{\"kid\":\"k\",\"kty\":\"RSA\",\"key_use\":\"enc\",\"e\":\""
                    + exponent + "\",\"n\":\"" + modulus + "\"}],\"nonce\":\"challenge\"}")), "exponent");
        }
        refused(signed(claims -> claims.put("x-ms-runtime", "{\"keys\":[],\"nonce\":\"challenge\"}")), "found none");
        refused(signed(claims -> claims.put("x-ms-runtime", "{\"nonce\":\"challenge\"}")), "found none");
        refused(signed(claims -> {
            claims.put("x-ms-isolation-tee", "{\"x-ms-runtime\":" + ENVIRONMENT.runtime(CHALLENGE) + "}");
            claims.put("x-ms-runtime", "{\"nonce\":\"challenge\"}");
        }), "found none");
        String signing = "{\"keys\":[{\"kid\":\"s\",\"kty\":\"RSA\",\"use\":\"sig\",\"e\":\"AQAB\",\"n\":\"" + modulus
                + "\"},{\"kid\":\"first\",\"kty\":\"RSA\",\"use\":\"enc\",\"e\":\"AQAB\",\"n\":\"" + modulus
                + "\"},{\"kid\":\"second\",\"kty\":\"RSA\",\"use\":\"enc\",\"e\":\"AQAB\",\"n\":\"" + modulus
                + "\"}],\"nonce\":\"challenge\"}";
        assertThat(verifier(false).verify(signed(claims -> claims.put("x-ms-runtime", signing)), NOW).target().id()).isEqualTo("first");
    }

    @Test
    void anAuthorityThatIsNotPinnedIsNotTakenWhateverItSigned() {
        AssertionVerifier none = new AssertionVerifier(
                List.of(),
                new AssertionVerifier.Settings(AUDIENCE, Duration.ofMinutes(5), Duration.ZERO, false, List.of()),
                new Verifier());
        assertThatThrownBy(() -> none.verify(ENVIRONMENT.token(AZURE, NOW, CHALLENGE), NOW)).hasMessageContaining("none is pinned");
    }
}
