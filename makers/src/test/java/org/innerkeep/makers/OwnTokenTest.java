package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.makers.FakeTokenService.object;
import static org.innerkeep.makers.FakeTokenService.quoted;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of this project's own service that say everything that was proven. */
class OwnTokenTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeTokenService SERVICE = new FakeTokenService("https://attest.example", Algorithm.ES256, NOW);
    private static final VerifierOptions OPTIONS = VerifierOptions.of(SERVICE.keyAnchor());

    @Test
    void everythingThatWasProvenIsAClaim() {
        Claims found = accepted(token(own -> {}, claims -> {}), OPTIONS);

        assertThat(found.kind()).isEqualTo("token");
        assertThat(found.platform()).isEqualTo("process");
        assertThat(found.measurement()).hasValue(Measurement.sha256(Bytes.fromHex("e1".repeat(32))));
        assertThat(found.signer()).hasValue(Bytes.fromHex("51".repeat(32)));
        assertThat(found.productId()).hasValue(4639);
        assertThat(found.securityVersion()).hasValue(2);
        assertThat(found.debug()).isFalse();
        assertThat(found.reportData()).isEqualTo(Bytes.fromHex("da".repeat(64)));
        assertThat(found.issuedAt()).hasValue(NOW);
        assertThat(found.anchor()).isEqualTo(SERVICE.keyAnchor().id());
        assertThat(found.text("vouched-by")).hasValue("https://attest.example");
        assertThat(found.text("attested-kind")).hasValue("keeper-report");
        assertThat(found.text("attested-at")).hasValue(NOW.toString());
        assertThat(found.text("attested-anchor")).hasValue("ac".repeat(32));
        assertThat(found.text("isolation")).hasValue("separate-user");
        assertThat(found.text("memory-readable-by")).hasValue("root");
        assertThat(found.text("runtime-digest")).hasValue("ee".repeat(32));
        assertThat(found.text("enclave-id")).hasValue("1d".repeat(16));
    }

    @Test
    void whatEvidenceDoesNotSayIsAbsent() {
        Claims found = accepted(
                token(
                        own -> List.of("measurement", "signer", "product-id", "security-version", "issued-at").forEach(own::remove),
                        // What the service's policy issues at the top does not fill the gap.
                        claims -> List.of("measurement", "signer", "attested-at")
                                .forEach(name -> claims.put(name, quoted("00".repeat(32))))),
                OPTIONS);

        assertThat(found.measurement()).isEmpty();
        assertThat(found.signer()).isEmpty();
        assertThat(found.productId()).isEmpty();
        assertThat(found.securityVersion()).isEmpty();
        assertThat(found.details()).doesNotContainKeys("attested-at", "measurement", "signer");
        assertThat(found.named()).doesNotContainKeys("measurement", "signer");
    }

    @Test
    void aPolicysClaimsCannotStandForWhatWasProven() {
        Claims found = accepted(
                token(own -> own.remove("isolation"), claims -> {
                    claims.put("isolation", quoted("separate-user"));
                    claims.put("attested-kind", quoted("sgx-quote"));
                    claims.put("attested-anchor", quoted("00"));
                    claims.put("vouched-by", quoted("somebody"));
                }),
                OPTIONS);

        assertThat(found.details()).doesNotContainKey("isolation");
        assertThat(found.text("attested-kind")).hasValue("keeper-report");
        assertThat(found.text("attested-anchor")).hasValue("ac".repeat(32));
        assertThat(found.text("vouched-by")).hasValue("https://attest.example");
    }

    @Test
    void inATokenOfAzureTheOwnObjectAndItsNamesMeanNothing() {
        Map<String, String> azure = SERVICE.azureSgx(NOW);
        azure.put("innerkeep", object(FakeTokenService.innerkeepReport(NOW)));
        azure.put("attested-kind", quoted("keeper-report"));
        azure.put("attested-at", quoted(NOW.toString()));
        Claims found = accepted(SERVICE.sign(SERVICE.header(), azure), OPTIONS);

        assertThat(found.platform()).isEqualTo("sgx");
        assertThat(found.details()).doesNotContainKeys("attested-kind", "attested-at", "attested-anchor", "isolation");
    }

    @ParameterizedTest
    @CsvSource({"type, SgxEnclave", "type, Tpm", "kind, sgx-quote", "kind, token"})
    void anObjectThatSaysSomethingElseThanTheTokenVouchesForNothing(String name, String value) {
        assertThat(codes(token(own -> own.put(name, quoted(value)), claims -> {}), OPTIONS)).contains(Code.TOKEN_NOT_ACCEPTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "keeper", "sgx-quote", ""})
    void aTypeThatIsNotTheObjectsVouchesForNothing(String type) {
        assertThat(codes(token(own -> {}, claims -> claims.put("x-ms-attestation-type", quoted(type))), OPTIONS))
                .contains(Code.TOKEN_NOT_ACCEPTED);
        assertThat(codes(token(own -> {}, claims -> claims.remove("innerkeep")), OPTIONS)).contains(Code.TOKEN_NOT_ACCEPTED);
        assertThat(codes(token(own -> {}, claims -> claims.put("innerkeep", "[]")), OPTIONS)).contains(Code.TOKEN_NOT_ACCEPTED);
    }

    @Test
    void aTokenOfATokenIsNotReadForItsClaimsMayBeAnybodys() {
        byte[] token = token(
                own -> own.put("kind", quoted("token")), claims -> claims.put("x-ms-attestation-type", quoted("token")));

        assertThat(codes(token, OPTIONS)).contains(Code.TOKEN_NOT_ACCEPTED);
    }

    @ParameterizedTest
    @CsvSource({
        "debug, 0", "debug, '\"false\"'", "platform, 7", "measurement, '\"e1\"'", "measurement, '\"sha-256:zz\"'", "signer, '\"0\"'",
        "signer, '\"zz\"'", "product-id, -1", "product-id, '\"1\"'", "security-version, 4294967296", "security-version, 1.5",
        "issued-at, '\"yesterday\"'", "issued-at, 0", "report-data, 1", "report-data, '\"0g\"'", "anchor, true", "tcb-status, 5",
        "memory-readable-by, true"
    })
    void whatBreaksItsFormIsRefused(String name, String json) {
        assertThat(codes(token(own -> own.put(name, json), claims -> {}), OPTIONS)).contains(Code.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"debug", "platform", "report-data", "anchor", "memory-readable-by"})
    void whatEveryKindSaysMustBeThere(String name) {
        assertThat(codes(token(own -> own.remove(name), claims -> {}), OPTIONS)).contains(Code.MALFORMED);
    }

    @Test
    void theFloorsOfAllEvidenceHold() {
        assertThat(codes(token(own -> own.put("debug", "true"), claims -> {}), OPTIONS)).containsExactly(Code.DEBUG_ENCLAVE);
        accepted(token(own -> own.put("debug", "true"), claims -> {}), OPTIONS.allowDebug());

        byte[] outOfDate = token(own -> own.put("tcb-status", quoted("OutOfDate")), claims -> {});
        assertThat(codes(outOfDate, OPTIONS)).containsExactly(Code.TCB_STATUS_NOT_ACCEPTED);
        accepted(outOfDate, OPTIONS.acceptTcb(TcbStatus.OUT_OF_DATE));
        assertThat(codes(token(own -> own.put("tcb-status", quoted("Splendid")), claims -> {}), OPTIONS))
                .containsExactly(Code.TCB_STATUS_NOT_ACCEPTED);

        for (String value : List.of("true", "1")) {
            byte[] guest = token(own -> own.put("x-ms-sevsnpvm-migration-allowed", value), claims -> {});
            assertThat(codes(guest, OPTIONS)).containsExactly(Code.MIGRATION_ALLOWED);
            accepted(guest, OPTIONS.allowMigration());
        }
        assertThat(codes(token(own -> own.put("tdx_td_attributes", quoted("0000002000000000")), claims -> {}), OPTIONS))
                .containsExactly(Code.MIGRATION_ALLOWED);
        accepted(token(own -> own.put("tdx_td_attributes", quoted("0000001000000000")), claims -> {}), OPTIONS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgx-quote", "tdx-quote", "azure-tdx"})
    void evidenceThatHasATcbStatusIsNotAcceptedWithoutIt(String kind) {
        assertThat(codes(tokenOf(kind, own -> own.put("tdx_td_attributes", quoted("0000001000000000"))), OPTIONS))
                .containsExactly(Code.TCB_STATUS_NOT_ACCEPTED);
        accepted(
                tokenOf(kind, own -> {
                    own.put("tdx_td_attributes", quoted("0000001000000000"));
                    own.put("tcb-status", quoted("UpToDate"));
                }),
                OPTIONS);
    }

    @ParameterizedTest
    @CsvSource({
        "snp-report, x-ms-sevsnpvm-migration-allowed, false", "azure-snp, x-ms-sevsnpvm-migration-allowed, false",
        "tdx-quote, tdx_td_attributes, '\"0000001000000000\"'", "azure-tdx, tdx_td_attributes, '\"0000001000000000\"'"
    })
    void evidenceThatTellsOfMigrationIsNotAcceptedWithoutIt(String kind, String name, String json) {
        Consumer<Map<String, String>> current = own -> own.put("tcb-status", quoted("UpToDate"));
        assertThat(codes(tokenOf(kind, current), OPTIONS)).containsExactly(Code.MIGRATION_ALLOWED);
        accepted(tokenOf(kind, current), OPTIONS.allowMigration());
        accepted(tokenOf(kind, current.andThen(own -> own.put(name, json))), OPTIONS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"eat_nonce", "rp_data", "x-ms-runtime"})
    void aNonceUnderANameThatOthersCanFillIsNone(String name) {
        Bytes nonce = Bytes.of("mine".getBytes(StandardCharsets.US_ASCII));
        String json = name.equals("x-ms-runtime") ? "{\"client-payload\":{\"nonce\":\"mine\"}}" : quoted("mine");
        assertThat(codes(token(own -> {}, claims -> claims.put(name, json)), OPTIONS.nonce(nonce)))
                .containsExactly(Code.NONCE_MISMATCH);
        accepted(token(own -> {}, claims -> claims.put("nonce", quoted("mine"))), OPTIONS.nonce(nonce));
    }

    @Test
    void thePolicysHashIsTheServicesAndNotTheEvidences() {
        byte[] token = token(
                own -> own.put("x-ms-policy-hash", quoted("of the evidence")),
                claims -> claims.put("x-ms-policy-hash", quoted("of the service")));

        assertThat(accepted(token, OPTIONS).text("x-ms-policy-hash")).hasValue("of the service");
    }

    private static byte[] tokenOf(String kind, Consumer<Map<String, String>> own) {
        return token(
                own.andThen(more -> more.put("kind", quoted(kind))),
                claims -> claims.put("x-ms-attestation-type", quoted(kind)));
    }

    private static byte[] token(Consumer<Map<String, String>> own, Consumer<Map<String, String>> change) {
        Map<String, String> inner = new LinkedHashMap<>(FakeTokenService.innerkeepReport(NOW));
        own.accept(inner);
        Map<String, String> claims = SERVICE.innerkeep(NOW);
        claims.put("innerkeep", object(inner));
        change.accept(claims);
        return SERVICE.sign(SERVICE.header(), claims);
    }

    private static Claims accepted(byte[] token, VerifierOptions options) {
        Verdict verdict = new Verifier().verify(token, Endorsements.none(), NOW, options);
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).claims();
    }

    private static Set<Code> codes(byte[] token, VerifierOptions options) {
        Verdict verdict = new Verifier().verify(token, Endorsements.none(), NOW, options);
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return ((Verdict.Refused) verdict).reasons().stream().map(Reason::code).collect(Collectors.toSet());
    }
}
