package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of a synthetic service: what is accepted, and each thing that must not be. */
class TokenServiceTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final String ISSUER = "https://attest.example";
    private static final FakeTokenService AZURE = new FakeTokenService(ISSUER, Algorithm.RS256, NOW);
    private static final FakeTokenService INTEL = new FakeTokenService(ISSUER, Algorithm.PS384, NOW);
    private static final FakeTokenService OTHER = new FakeTokenService(ISSUER, Algorithm.ES256, NOW);
    private static final Bytes NONCE = Bytes.of("a nonce of the relying party".getBytes(StandardCharsets.UTF_8));

    private static FakeTokenService service(Algorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> AZURE;
            case PS384 -> INTEL;
            case ES256 -> OTHER;
        };
    }

    private static Verdict verify(byte[] token, Endorsements endorsements, VerifierOptions options) {
        return new Verifier().verify(token, endorsements, NOW, options);
    }

    private static Verdict verify(byte[] token, Anchor... anchors) {
        return verify(token, Endorsements.none(), VerifierOptions.of(anchors));
    }

    private static Claims accepted(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).claims();
    }

    private static Set<Code> codes(Verdict verdict) {
        List<Reason> reasons = switch (verdict) {
            case Verdict.Accepted accepted -> throw new AssertionError("accepted");
            case Verdict.Refused refused -> refused.reasons();
            case Verdict.Undecided undecided -> undecided.reasons();
        };
        Set<Code> codes = new TreeSet<>();
        reasons.forEach(each -> {
            codes.add(each.code());
            assertThat(each.toString()).matches("[ -~…]*");
        });
        return codes;
    }

    private static Endorsements pool(byte[]... documents) {
        try {
            return EndorsementPool.of(Stream.of(documents).map(Bytes::of).toList());
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void aTokenIsAcceptedByThePinnedKey(Algorithm algorithm) throws MalformedException {
        FakeTokenService service = service(algorithm);
        byte[] token = service.sign(service.header(), service.azureSgx(NOW));
        Claims claims = accepted(verify(token, service.keyAnchor()));

        assertThat(claims.kind()).isEqualTo("token");
        assertThat(claims.platform()).isEqualTo("sgx");
        assertThat(claims.measurement()).hasValue(Measurement.sha256(Bytes.fromHex("e1".repeat(32))));
        assertThat(claims.signer()).hasValue(Bytes.fromHex("51".repeat(32)));
        assertThat(claims.productId()).hasValue(4639);
        assertThat(claims.securityVersion()).hasValue(2);
        assertThat(claims.reportData()).isEqualTo(Bytes.fromHex("da".repeat(64)));
        assertThat(claims.debug()).isFalse();
        assertThat(claims.issuedAt()).hasValue(NOW);
        assertThat(claims.anchor()).isEqualTo(service.keyAnchor().id());
        assertThat(claims.text("vouched-by")).hasValue(ISSUER);
        assertThat(claims.text("memory-readable-by")).hasValue("nobody");
        assertThat(claims.text("x-ms-attestation-type")).hasValue("sgx");
        assertThat(claims.text("tcb-status")).isEmpty();

        accepted(verify(token, TokenIssuer.of(ISSUER, service.keySetOfCertificates())));
        accepted(verify(token, TokenIssuer.of(ISSUER, service.keySetWithChain())));
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void aTokenIsAcceptedByAChainToThePinnedRoot(Algorithm algorithm) {
        FakeTokenService service = service(algorithm);
        byte[] brings = service.sign(service.headerWithChain(), service.googleTdx(NOW));
        accepted(verify(brings, service.rootAnchor()));
        byte[] named = service.sign(service.header(), service.intelTdx(NOW));
        accepted(verify(named, pool(service.keySetWithChain()), VerifierOptions.of(service.rootAnchor())));
        // Others' keys in between, under the same id too, do not matter.
        byte[] others = new String(AZURE.keySetWithChain(), StandardCharsets.UTF_8)
                .replace(AZURE.keyId(), service.keyId())
                .getBytes(StandardCharsets.UTF_8);
        accepted(verify(named, pool(others, service.keySetWithChain()), VerifierOptions.of(service.rootAnchor())));
    }

    @Test
    void aTokenWithoutItsPublishedKeyIsUndecided() {
        byte[] token = INTEL.sign(INTEL.header(), INTEL.intelTdx(NOW));
        VerifierOptions options = VerifierOptions.of(INTEL.rootAnchor());
        assertThat(verify(token, Endorsements.none(), options)).isInstanceOf(Verdict.Undecided.class);
        assertThat(codes(verify(token, pool(INTEL.keySet()), options))).containsExactly(Code.ENDORSEMENT_MISSING);
        assertThat(codes(verify(token, pool(AZURE.keySetWithChain()), options))).containsExactly(Code.ENDORSEMENT_MISSING);
    }

    @Test
    void everyServicesWordsAreUnderstood() {
        Claims snp = accepted(verify(AZURE.sign(AZURE.header(), AZURE.azureSnp(NOW)), AZURE.keyAnchor()));
        assertThat(snp.platform()).isEqualTo("snp");
        assertThat(snp.measurement()).hasValue(Measurement.sha384(Bytes.fromHex("1a".repeat(48))));
        assertThat(snp.signer()).hasValue(Bytes.fromHex("1d".repeat(48)));
        assertThat(snp.securityVersion()).hasValue(4);

        Claims vm = accepted(verify(AZURE.sign(AZURE.header(), AZURE.azureVm(NOW)), AZURE.keyAnchor()));
        assertThat(vm.platform()).isEqualTo("snp");
        assertThat(vm.measurement()).isEqualTo(snp.measurement());
        assertThat(vm.details().get("x-ms-isolation-tee")).isInstanceOf(ClaimValue.Group.class);
        assertThat(vm.details().get("x-ms-azurevm-attested-pcrs"))
                .isEqualTo(new ClaimValue.Many(List.of(ClaimValue.of(0), ClaimValue.of(1), ClaimValue.of(7))));

        for (Map<String, String> claims : List.of(INTEL.intelTdx(NOW), INTEL.intelTdxNested(NOW))) {
            Claims td = accepted(verify(INTEL.sign(INTEL.header(), claims), INTEL.keyAnchor()));
            assertThat(td.platform()).isEqualTo("tdx");
            assertThat(td.measurement()).hasValue(Measurement.sha384(Bytes.fromHex("3d".repeat(48))));
            assertThat(td.reportData()).isEqualTo(Bytes.fromHex("da".repeat(64)));
            assertThat(td.text("tcb-status")).hasValue("UpToDate");
            assertThat(td.details()).doesNotContainKey("policy_defined_claims");
        }

        Claims google = accepted(verify(AZURE.sign(AZURE.header(), AZURE.googleTdx(NOW)), AZURE.keyAnchor()));
        assertThat(google.platform()).isEqualTo("tdx");
        assertThat(google.measurement()).hasValue(Measurement.sha256(Bytes.fromHex("c0".repeat(32))));
        assertThat(google.text("tcb-status")).hasValue("UpToDate");
    }

    @Test
    void aSignerThatTheTenantsPolicyIssuedIsNotTheHardwares() {
        Map<String, String> claims = AZURE.azureSnp(NOW);
        claims.put("x-ms-sevsnpvm-authorkeydigest", "\"" + "00".repeat(48) + "\"");
        claims.put("x-ms-sevsnpvm-idkeydigest", "\"" + "00".repeat(48) + "\"");
        claims.put("sevsnp_authorkeydigest", "\"" + "ab".repeat(48) + "\"");

        assertThat(accepted(verify(AZURE.sign(AZURE.header(), claims), AZURE.keyAnchor())).signer()).isEmpty();
    }

    @Test
    void whatHasNoProtectionFromItsHostSaysSo() {
        Map<String, String> claims = AZURE.googleTdx(NOW);
        claims.put("hwmodel", "\"GCP_AMD_SEV\"");
        claims.remove("tdx");
        Claims sev = accepted(verify(AZURE.sign(AZURE.header(), claims), AZURE.keyAnchor()));
        assertThat(sev.platform()).isEqualTo("vm");
        assertThat(sev.text("memory-readable-by")).hasValue("hypervisor");

        Map<String, String> plain = AZURE.azureVm(NOW);
        plain.remove("x-ms-isolation-tee");
        Claims vm = accepted(verify(AZURE.sign(AZURE.header(), plain), AZURE.keyAnchor()));
        assertThat(vm.platform()).isEqualTo("vm");
        assertThat(vm.measurement()).isEmpty();
        assertThat(vm.text("memory-readable-by")).hasValue("hypervisor");
    }

    @Test
    void numbersAndNullsBecomeValues() {
        Map<String, String> claims = AZURE.azureSgx(NOW);
        claims.put("a", "[1e3,1.50,99999999999999999999,null,{\"b\":null,\"c\":true}]");
        claims.put("d", "null");
        Map<String, ClaimValue> details =
                accepted(verify(AZURE.sign(AZURE.header(), claims), AZURE.keyAnchor())).details();
        assertThat(details.get("a")).isEqualTo(new ClaimValue.Many(List.of(
                ClaimValue.of(1000),
                ClaimValue.of("1.50"),
                ClaimValue.of("99999999999999999999"),
                new ClaimValue.Group(Map.of("c", ClaimValue.of(true))))));
        assertThat(details).doesNotContainKey("d");
    }

    @Test
    void aTenantsClaimsCannotStandForOurs() {
        Map<String, String> claims = AZURE.azureVm(NOW);
        claims.remove("x-ms-isolation-tee");
        claims.put("memory-readable-by", "\"nobody\"");
        claims.put("vouched-by", "\"somebody\"");
        claims.put("tcb-status", "\"UpToDate\"");
        Claims found = accepted(verify(AZURE.sign(AZURE.header(), claims), AZURE.keyAnchor()));
        assertThat(found.text("memory-readable-by")).hasValue("hypervisor");
        assertThat(found.text("vouched-by")).hasValue(ISSUER);
        assertThat(found.details()).doesNotContainKey("tcb-status");
    }

    @Test
    void onlyItsOwnAnchorVouches() {
        byte[] token = AZURE.sign(AZURE.header(), AZURE.azureSgx(NOW));
        assertThat(codes(verify(token))).containsExactly(Code.ANCHOR_NOT_PINNED);
        FakeTokenService elsewhere = new FakeTokenService("https://other.example", Algorithm.RS256, NOW);
        assertThat(codes(verify(token, elsewhere.keyAnchor(), elsewhere.rootAnchor()))).containsExactly(Code.ANCHOR_NOT_PINNED);
        for (Maker maker : Maker.values()) {
            assertThat(codes(verify(token, new MakerRoot(maker, AZURE.root().publicKey())))).containsExactly(Code.ANCHOR_NOT_PINNED);
        }
        // The same issuer's name with a slash more is another issuer.
        assertThat(codes(verify(token, new TokenIssuer(ISSUER + "/", AZURE.keyAnchor().keys(), Optional.empty()))))
                .containsExactly(Code.ANCHOR_NOT_PINNED);
        accepted(verify(token, INTEL.keyAnchor(), AZURE.keyAnchor()));
    }

    @Test
    void aKeyThatIsNotPinnedIsRefusedWhateverTheHeaderSays() {
        Map<String, String> header = OTHER.header();
        header.put("jwk", "{\"kty\":\"EC\"}");
        header.put("x5u", "\"https://attest.example/chain\"");
        assertThat(codes(verify(OTHER.sign(header, OTHER.azureSgx(NOW)), AZURE.keyAnchor()))).containsExactly(Code.TOKEN_NOT_ACCEPTED);
        header.put("kid", "\"" + AZURE.keyId() + "\"");
        assertThat(codes(verify(OTHER.sign(header, OTHER.azureSgx(NOW)), AZURE.keyAnchor()))).containsExactly(Code.TOKEN_NOT_ACCEPTED);
        header.remove("kid");
        assertThat(codes(verify(OTHER.sign(header, OTHER.azureSgx(NOW)), OTHER.keyAnchor()))).containsExactly(Code.TOKEN_NOT_ACCEPTED);
        assertThat(codes(verify(OTHER.sign(OTHER.headerWithChain(), OTHER.azureSgx(NOW)), OTHER.keyAnchor())))
                .containsExactly(Code.TOKEN_NOT_ACCEPTED);
    }

    @ParameterizedTest
    @CsvSource({
        "none,ALGORITHM_WEAK", "None,ALGORITHM_WEAK", "HS256,ALGORITHM_WEAK", "HS512,ALGORITHM_WEAK", "EdDSA,NOT_VERIFIABLE",
        "RS1,NOT_VERIFIABLE", "rs256,NOT_VERIFIABLE", "RS384,TOKEN_NOT_ACCEPTED", "PS256,TOKEN_NOT_ACCEPTED", "ES256,TOKEN_NOT_ACCEPTED"
    })
    void anotherAlgorithmIsRefused(String algorithm, Code code) {
        Map<String, String> header = AZURE.header();
        header.put("alg", "\"" + algorithm + "\"");
        byte[] token = AZURE.sign(header, AZURE.azureSgx(NOW));
        assertThat(codes(verify(token, AZURE.keyAnchor()))).containsExactly(code);
        String text = new String(token, StandardCharsets.US_ASCII);
        byte[] unsigned = text.substring(0, text.lastIndexOf('.') + 1).getBytes(StandardCharsets.US_ASCII);
        assertThat(codes(verify(unsigned, AZURE.keyAnchor()))).containsExactly(code);
    }

    @Test
    void anAlgorithmThatDoesNotFitTheKeyIsRefusedAlsoWhereTheKeyDoesNotSayItsOwn() throws MalformedException {
        for (String algorithm : List.of("RS384", "PS256", "ES256", "ES384")) {
            Map<String, String> header = AZURE.header();
            header.put("alg", "\"" + algorithm + "\"");
            assertThat(codes(verify(
                            AZURE.sign(header, AZURE.azureSgx(NOW)), TokenIssuer.of(ISSUER, AZURE.keySetOfCertificates()))))
                    .containsExactly(Code.SIGNATURE_INVALID);
        }
    }

    @Test
    void aChangedTokenIsRefused() {
        String token = new String(AZURE.sign(AZURE.header(), AZURE.azureSgx(NOW)), StandardCharsets.US_ASCII);
        String other = new String(AZURE.sign(AZURE.header(), AZURE.azureSnp(NOW)), StandardCharsets.US_ASCII);
        String swapped = token.substring(0, token.lastIndexOf('.')) + other.substring(other.lastIndexOf('.'));
        assertThat(codes(verify(swapped.getBytes(StandardCharsets.US_ASCII), AZURE.keyAnchor()))).containsExactly(Code.SIGNATURE_INVALID);
        // The same signature as DER, or longer, is none.
        byte[] longer = (token + "AAAA").getBytes(StandardCharsets.US_ASCII);
        assertThat(codes(verify(longer, AZURE.keyAnchor()))).containsExactly(Code.SIGNATURE_INVALID);
    }

    static Stream<Arguments> wrongClaims() {
        return Stream.of(
                wrong("expired", AZURE.azureSgx(NOW), Code.EVIDENCE_STALE, c -> c.put("exp", seconds(0))),
                wrong("not yet valid", AZURE.azureSgx(NOW), Code.EVIDENCE_FROM_FUTURE, c -> c.put("nbf", seconds(1))),
                wrong("issued in the future", AZURE.azureSgx(NOW), Code.EVIDENCE_FROM_FUTURE, c -> c.put("iat", seconds(1))),
                wrong("no expiry", AZURE.azureSgx(NOW), Code.MALFORMED, c -> c.remove("exp")),
                wrong("no issuer", AZURE.azureSgx(NOW), Code.MALFORMED, c -> c.remove("iss")),
                wrong("another issuer", AZURE.azureSgx(NOW), Code.ANCHOR_NOT_PINNED, c -> c.put("iss", "\"https://attest.example.org\"")),
                wrong("nothing attested", AZURE.azureSgx(NOW), Code.TOKEN_NOT_ACCEPTED, c -> c.remove("x-ms-attestation-type")),
                wrong("an unknown type", AZURE.azureSgx(NOW), Code.TOKEN_NOT_ACCEPTED, c -> c.put("x-ms-attestation-type", "\"abc\"")),
                wrong("a type that is no text", AZURE.azureSgx(NOW), Code.TOKEN_NOT_ACCEPTED, c -> c.put("x-ms-attestation-type", "[\"sgx\"]")),
                wrong("an unknown isolation", AZURE.azureVm(NOW), Code.TOKEN_NOT_ACCEPTED, c -> c.put("x-ms-isolation-tee", "{}")),
                wrong("isolation that is no object", AZURE.azureVm(NOW), Code.TOKEN_NOT_ACCEPTED, c -> c.put("x-ms-isolation-tee", "1")),
                wrong("two attesters", AZURE.intelTdxNested(NOW), Code.TOKEN_NOT_ACCEPTED, c -> c.put("sgx", "{}")),
                wrong("an unknown machine", AZURE.googleTdx(NOW), Code.TOKEN_NOT_ACCEPTED, c -> c.put("hwmodel", "\"OTHER\"")),
                wrong("a debug enclave", AZURE.azureSgx(NOW), Code.DEBUG_ENCLAVE, c -> c.put("x-ms-sgx-is-debuggable", "true")),
                wrong("debug unsaid", AZURE.azureSgx(NOW), Code.DEBUG_ENCLAVE, c -> c.remove("x-ms-sgx-is-debuggable")),
                wrong("debug as text", AZURE.azureSgx(NOW), Code.DEBUG_ENCLAVE, c -> c.put("x-ms-sgx-is-debuggable", "\"false\"")),
                wrong("a debug guest", AZURE.azureSnp(NOW), Code.DEBUG_ENCLAVE, c -> c.put("x-ms-sevsnpvm-is-debuggable", "true")),
                wrong("a debug guest inside", AZURE.azureVm(NOW), Code.DEBUG_ENCLAVE, c -> c.compute("x-ms-isolation-tee", (name, tee) ->
                        String.valueOf(tee).replace("is-debuggable\":false", "is-debuggable\":true"))),
                wrong("a kernel debugger", AZURE.azureVm(NOW), Code.DEBUG_ENCLAVE, c -> c.put("x-ms-azurevm-kerneldebug-enabled", "true")),
                wrong("a debug TD by its bit", AZURE.intelTdx(NOW), Code.DEBUG_ENCLAVE, c -> c.put("tdx_td_attributes", "\"0100001000000000\"")),
                wrong("a debug TD by its flag", AZURE.intelTdx(NOW), Code.DEBUG_ENCLAVE, c -> c.put("tdx_is_debuggable", "true")),
                wrong("a debug TD by dbgstat", AZURE.intelTdx(NOW), Code.DEBUG_ENCLAVE, c -> c.put("dbgstat", "\"enabled\"")),
                wrong("an unknown dbgstat", AZURE.intelTdx(NOW), Code.DEBUG_ENCLAVE, c -> c.put("dbgstat", "\"dormant\"")),
                wrong("a debug image", AZURE.googleTdx(NOW), Code.DEBUG_ENCLAVE, c -> c.put("dbgstat", "\"enabled\"")),
                wrong("an image debugged before", AZURE.googleTdx(NOW), Code.DEBUG_ENCLAVE, c -> c.put("dbgstat", "\"disabled\"")),
                wrong("an image of unknown debug", AZURE.googleTdx(NOW), Code.DEBUG_ENCLAVE, c -> c.remove("dbgstat")),
                wrong("a guest that migrates", AZURE.azureSnp(NOW), Code.MIGRATION_ALLOWED, c -> c.put("x-ms-sevsnpvm-migration-allowed", "true")),
                wrong("a TD that migrates", AZURE.intelTdx(NOW), Code.MIGRATION_ALLOWED, c -> c.put("tdx_td_attributes", "\"0000003000000000\"")),
                wrong("an old platform", AZURE.intelTdx(NOW), Code.TCB_STATUS_NOT_ACCEPTED, c -> c.put("attester_tcb_status", "\"OutOfDate\"")),
                wrong("an unknown status", AZURE.intelTdx(NOW), Code.TCB_STATUS_NOT_ACCEPTED, c -> c.put("attester_tcb_status", "\"Fine\"")),
                wrong("a status that is no text", AZURE.intelTdx(NOW), Code.TCB_STATUS_NOT_ACCEPTED, c -> c.put("attester_tcb_status", "[]")),
                wrong("Google's old platform", AZURE.googleTdx(NOW), Code.TCB_STATUS_NOT_ACCEPTED, c -> c.put("tdx",
                        "[{\"gcp_attester_tcb_status\":\"OutOfDate\"}]")),
                wrong("a short measurement", AZURE.azureSgx(NOW), Code.MALFORMED, c -> c.put("x-ms-sgx-mrenclave", "\"e1e1\"")));
    }

    private static String seconds(long after) {
        return Long.toString(NOW.getEpochSecond() + after);
    }

    private static Arguments wrong(String name, Map<String, String> claims, Code code, Consumer<Map<String, String>> change) {
        change.accept(claims);
        return Arguments.of(name, claims, code);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("wrongClaims")
    void oneWrongClaimHasItsCode(String name, Map<String, String> claims, Code code) {
        assertThat(codes(verify(AZURE.sign(AZURE.header(), claims), AZURE.keyAnchor()))).containsExactly(code);
    }

    @Test
    void liftedFloorsAccept() {
        Map<String, String> debug = AZURE.azureSgx(NOW);
        debug.put("x-ms-sgx-is-debuggable", "true");
        VerifierOptions options = VerifierOptions.of(AZURE.keyAnchor());
        Claims claims = accepted(verify(AZURE.sign(AZURE.header(), debug), Endorsements.none(), options.allowDebug()));
        assertThat(claims.debug()).isTrue();
        assertThat(claims.text("memory-readable-by")).hasValue("host");
        Map<String, String> migration = AZURE.azureSnp(NOW);
        migration.put("x-ms-sevsnpvm-migration-allowed", "true");
        accepted(verify(AZURE.sign(AZURE.header(), migration), Endorsements.none(), options.allowMigration()));
        Map<String, String> old = AZURE.intelTdx(NOW);
        old.put("attester_tcb_status", "\"OutOfDate\"");
        accepted(verify(AZURE.sign(AZURE.header(), old), Endorsements.none(), options.acceptTcb(TcbStatus.OUT_OF_DATE)));
        old.put("attester_tcb_status", "\"Revoked\"");
        assertThat(codes(verify(AZURE.sign(AZURE.header(), old), Endorsements.none(), options.acceptTcb(TcbStatus.OUT_OF_DATE))))
                .containsExactly(Code.TCB_STATUS_NOT_ACCEPTED);
    }

    @Test
    void clockSkewIsAddedOnBothSides() {
        Map<String, String> claims = AZURE.azureSgx(NOW);
        VerifierOptions options = VerifierOptions.of(AZURE.keyAnchor()).clockSkew(Duration.ofMinutes(1));
        claims.put("exp", seconds(-59));
        claims.put("nbf", seconds(60));
        accepted(verify(AZURE.sign(AZURE.header(), claims), Endorsements.none(), options));
        claims.put("exp", seconds(-60));
        assertThat(codes(verify(AZURE.sign(AZURE.header(), claims), Endorsements.none(), options))).containsExactly(Code.EVIDENCE_STALE);
    }

    @Test
    void aTokenForAnotherAudienceIsRefused() {
        VerifierOptions options = VerifierOptions.of(AZURE.keyAnchor());
        Map<String, String> claims = AZURE.googleTdx(NOW);
        accepted(verify(AZURE.sign(AZURE.header(), claims), Endorsements.none(), options.audience("audience")));
        assertThat(codes(verify(AZURE.sign(AZURE.header(), claims), Endorsements.none(), options.audience("audienc"))))
                .containsExactly(Code.TOKEN_NOT_ACCEPTED);
        claims.put("aud", "[\"x\",\"audience\"]");
        accepted(verify(AZURE.sign(AZURE.header(), claims), Endorsements.none(), options.audience("audience")));
        claims.put("aud", "{\"audience\":\"audience\"}");
        assertThat(codes(verify(AZURE.sign(AZURE.header(), claims), Endorsements.none(), options.audience("audience"))))
                .containsExactly(Code.TOKEN_NOT_ACCEPTED);
    }

    @Test
    void aTokenForAnotherNonceIsRefused() {
        VerifierOptions options = VerifierOptions.of(AZURE.keyAnchor());
        for (Map<String, String> claims : List.of(AZURE.azureSgx(NOW), AZURE.azureVm(NOW), AZURE.googleTdx(NOW))) {
            byte[] token = AZURE.sign(AZURE.header(), claims);
            accepted(verify(token, Endorsements.none(), options.nonce(NONCE)));
            assertThat(codes(verify(token, Endorsements.none(), options.nonce(Bytes.of(new byte[] {1})))))
                    .containsExactly(Code.NONCE_MISMATCH);
        }
        byte[] without = AZURE.sign(AZURE.header(), AZURE.intelTdx(NOW));
        assertThat(codes(verify(without, Endorsements.none(), options.nonce(NONCE)))).containsExactly(Code.NONCE_MISMATCH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fb00ff", "FB00FF", "-wD_", "+wD/"})
    void aNonceOfBytesMayStandInAnyUsualSpelling(String spelling) {
        Map<String, String> claims = AZURE.azureSgx(NOW);
        claims.put("nonce", "\"" + spelling + "\"");
        accepted(verify(
                AZURE.sign(AZURE.header(), claims),
                Endorsements.none(),
                VerifierOptions.of(AZURE.keyAnchor()).nonce(Bytes.fromHex("fb00ff"))));
    }

    @Test
    void reportDataIsRequiredWhereItIsExpected() {
        VerifierOptions options = VerifierOptions.of(AZURE.keyAnchor());
        byte[] token = AZURE.sign(AZURE.header(), AZURE.azureSgx(NOW));
        accepted(verify(token, Endorsements.none(), options.reportData(Bytes.fromHex("da".repeat(64)))));
        assertThat(codes(verify(token, Endorsements.none(), options.reportData(Bytes.fromHex("db".repeat(64))))))
                .containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    /** What a service says of a machine's firmware is no proof of it, and only some say it. */
    @Test
    void aTokenDoesNotProveTheVersionsOfAMachinesFirmware() {
        VerifierOptions options = VerifierOptions.of(AZURE.keyAnchor());
        byte[] token = AZURE.sign(AZURE.header(), AZURE.azureVm(NOW));
        assertThat(accepted(verify(token, Endorsements.none(), options)).platform()).isEqualTo("snp");
        assertThat(codes(verify(token, Endorsements.none(), options.leastSnpTcb(Map.of("snp", 0)))))
                .containsExactly(Code.TCB_STATUS_NOT_ACCEPTED);
    }

    @Test
    void anotherTypeOfTokenIsRefused() {
        Map<String, String> header = AZURE.header();
        header.put("typ", "\"at+jwt\"");
        assertThat(codes(verify(AZURE.sign(header, AZURE.azureSgx(NOW)), AZURE.keyAnchor()))).containsExactly(Code.TOKEN_NOT_ACCEPTED);
        header.put("typ", "\"EAT+JWT\"");
        accepted(verify(AZURE.sign(header, AZURE.azureSgx(NOW)), AZURE.keyAnchor()));
    }

    @Test
    void aHeaderThatAsksForMoreIsRefused() {
        Map<String, String> header = AZURE.header();
        header.put("crit", "[\"x\"]");
        assertThat(codes(verify(AZURE.sign(header, AZURE.azureSgx(NOW)), AZURE.keyAnchor()))).containsExactly(Code.MALFORMED);
        String twice = FakeTokenService.object(AZURE.azureSgx(NOW)).replace("{", "{\"exp\":9999999999,");
        assertThat(codes(verify(AZURE.sign(FakeTokenService.object(AZURE.header()), twice), AZURE.keyAnchor())))
                .containsExactly(Code.MALFORMED);
    }

    @Test
    void chainsAreHeldToThePinnedRoot() {
        FakeTokenService twin = new FakeTokenService(ISSUER, Algorithm.RS256, NOW);
        Map<String, String> claims = AZURE.azureSgx(NOW);
        assertThat(codes(verify(twin.sign(twin.headerWithChain(), claims), AZURE.rootAnchor()))).containsExactly(Code.ANCHOR_NOT_PINNED);
        // The pinned root put on top of another chain changes nothing.
        List<Bytes> topped = new ArrayList<>(twin.chain().subList(0, 2));
        topped.add(AZURE.root().der());
        assertThat(codes(verify(twin.sign(twin.headerWithChain(topped), claims), AZURE.rootAnchor())))
                .containsExactly(Code.SIGNATURE_INVALID);
        // Nor does another key's good chain.
        assertThat(codes(verify(twin.sign(twin.headerWithChain(AZURE.chain()), claims), AZURE.rootAnchor())))
                .containsExactly(Code.SIGNATURE_INVALID);
        Map<String, String> garbage = twin.headerWithChain(List.of(Bytes.of(new byte[] {0x30, 0})));
        assertThat(codes(verify(twin.sign(garbage, claims), AZURE.rootAnchor()))).containsExactly(Code.MALFORMED);
        assertThat(codes(verify(
                        AZURE.sign(AZURE.header(), claims),
                        pool(AZURE.keySetWithChain(List.of(AZURE.chain().getFirst()))),
                        VerifierOptions.of(AZURE.rootAnchor()))))
                .containsExactly(Code.ENDORSEMENT_MISSING);
    }

    @Test
    void certificatesOfTheChainAreValidAndNotRevoked() {
        FakeTokenService expired = new FakeTokenService(ISSUER, Algorithm.RS256, NOW, wish ->
                wish.valid(NOW.minus(Duration.ofDays(2)), NOW.minus(Duration.ofDays(1))));
        assertThat(codes(verify(expired.sign(expired.headerWithChain(), expired.azureSgx(NOW)), expired.rootAnchor())))
                .containsExactly(Code.CERTIFICATE_EXPIRED);
        FakeTokenService early = new FakeTokenService(ISSUER, Algorithm.RS256, NOW, wish ->
                wish.valid(NOW.plus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(2))));
        assertThat(codes(verify(early.sign(early.headerWithChain(), early.azureSgx(NOW)), early.rootAnchor())))
                .containsExactly(Code.CERTIFICATE_NOT_YET_VALID);
        FakeTokenService authority = new FakeTokenService(ISSUER, Algorithm.RS256, NOW, wish -> wish.authority(Optional.of(0)));
        assertThat(codes(verify(authority.sign(authority.headerWithChain(), authority.azureSgx(NOW)), authority.rootAnchor())))
                .containsExactly(Code.CHAIN_INVALID);
        FakeTokenService revoked = new FakeTokenService(ISSUER, Algorithm.RS256, NOW, wish -> wish.serial(BigInteger.TWO));
        Bytes list = revoked.middle().revocationList(NOW, NOW.plus(Duration.ofDays(1)), BigInteger.TWO);
        assertThat(codes(verify(
                        revoked.sign(revoked.headerWithChain(), revoked.azureSgx(NOW)),
                        pool(list.toArray()),
                        VerifierOptions.of(revoked.rootAnchor()))))
                .containsExactly(Code.CERTIFICATE_REVOKED);
    }

    @Test
    void everyReasonIsGivenAtOnce() {
        Map<String, String> claims = new LinkedHashMap<>(AZURE.intelTdx(NOW));
        claims.put("exp", seconds(-1));
        claims.put("dbgstat", "\"enabled\"");
        claims.put("attester_tcb_status", "\"OutOfDate\"");
        assertThat(codes(verify(
                        OTHER.sign(OTHER.header(), claims),
                        Endorsements.none(),
                        VerifierOptions.of(AZURE.keyAnchor()).audience("x").nonce(NONCE))))
                .containsExactlyInAnyOrder(
                        Code.TOKEN_NOT_ACCEPTED, Code.EVIDENCE_STALE, Code.NONCE_MISMATCH, Code.TCB_STATUS_NOT_ACCEPTED, Code.DEBUG_ENCLAVE);
    }
}
