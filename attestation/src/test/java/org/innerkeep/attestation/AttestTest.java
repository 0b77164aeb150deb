package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.Replay;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the service attests, over HTTPS, with evidence of synthetic makers in their true forms. */
class AttestTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);
    private static final String DATA = "{\"keys\":[],\"n\":12345678901234567890}";

    @TempDir
    private static Path folder;

    private static Rig rig;

    @BeforeAll
    static void startService() throws Exception {
        rig = Rig.of(folder, INTEL, AMD, Map.of());
    }

    @AfterAll
    static void endService() {
        rig.close();
    }

    private static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String sgx(String data) {
        return Rig.base64(INTEL.sgxQuote(3, quote -> quote.body(FakeIntel.SGX_REPORTDATA, digest(data))));
    }

    private static String tdx(String data) {
        return Rig.base64(INTEL.tdxQuote(4, quote -> quote.body(FakeIntel.TD_REPORTDATA, Bytes.fromHex(digest(data).hex() + "00".repeat(32)))));
    }

    private static byte[] snpReport(String data) {
        return AMD.report(2, false, report -> report.put(0x50, digest(data).toArray()).put(0x70, new byte[32]));
    }

    private static String snp(String data) {
        String pem = Pem.block("CERTIFICATE", AMD.vcek().toArray()) + Pem.block("CERTIFICATE", AMD.ask().der().toArray());
        return Rig.base64(Rig.json(Map.of(
                "SnpReport", Rig.base64(snpReport(data)),
                "VcekCertChain", Rig.base64(pem.getBytes(StandardCharsets.US_ASCII)))).getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, Object> with(String field, String evidence, Object... more) {
        Map<String, Object> body = new LinkedHashMap<>(Map.of(field, evidence));
        for (int i = 0; i < more.length; i += 2) {
            body.put((String) more[i], more[i + 1]);
        }
        return body;
    }

    private static List<String> names(ObjectNode object) {
        return new ArrayList<>(object.propertyNames());
    }

    @Test
    void aTokenHasTheHeaderAndTimesThatTheInterfaceHas() {
        Rig.Answer answer = rig.attest("SgxEnclave", with("quote", sgx("x")));

        assertThat(answer.status()).as(answer.message()).isEqualTo(200);
        String header = new String(Base64.getUrlDecoder().decode(answer.token().split("\\.", -1)[0]), StandardCharsets.UTF_8);
        assertThat(header).contains("\"alg\":\"RS256\"").contains("\"typ\":\"JWT\"").contains("\"kid\":\"")
                .contains("\"jku\":\"" + rig.issuer() + "/certs\"");
        ObjectNode claims = answer.claims();
        assertThat(claims.get("iat").isIntegralNumber()).isTrue();
        assertThat(claims.get("nbf").longValue()).isEqualTo(claims.get("iat").longValue() - 60);
        assertThat(claims.get("exp").longValue()).isEqualTo(claims.get("iat").longValue() + 8 * 3600);
        assertThat(claims.get("iss").stringValue()).isEqualTo(rig.issuer());
        assertThat(claims.get("jti").stringValue()).matches("[0-9a-f]{64}");
    }

    @Test
    void noTopLevelClaimIsAList() {
        for (Rig.Answer answer : List.of(
                rig.attest("SgxEnclave", with("quote", sgx("x"))),
                rig.attest("TdxVm", with("quote", tdx("x"))),
                rig.attest("SevSnpVm", with("report", snp("x"))))) {
            assertThat(answer.status()).as(answer.message()).isEqualTo(200);
            assertThat(answer.claims().values()).noneMatch(JsonNode::isArray);
        }
    }

    @Test
    void anSgxTokenHasNewAndOldNames() {
        ObjectNode claims = rig.attest("SgxEnclave", with("quote", sgx("x"), "runtimeData", Rig.held("x", "Binary"), "nonce", "n-1")).claims();

        assertThat(names(claims)).contains(
                "x-ms-ver", "x-ms-attestation-type", "x-ms-policy-hash", "x-ms-sgx-is-debuggable", "x-ms-sgx-mrenclave",
                "x-ms-sgx-mrsigner", "x-ms-sgx-product-id", "x-ms-sgx-svn", "x-ms-sgx-report-data", "x-ms-sgx-ehd",
                "x-ms-sgx-collateral", "is-debuggable", "sgx-mrenclave", "sgx-mrsigner", "product-id", "svn", "aas-ehd", "maa-ehd",
                "maa-attestationcollateral", "ver", "tee", "policy_hash", "maa-policyHash", "nonce", "rp_data", "x-ms-policy");
        assertThat(claims.get("sgx-mrenclave")).isEqualTo(claims.get("x-ms-sgx-mrenclave"));
        assertThat(claims.get("rp_data").stringValue()).isEqualTo("n-1");
        assertThat(claims.path("innerkeep").path("tcb-status").stringValue()).isEqualTo("UpToDate");
        assertThat(claims.path("x-ms-policy").path("tee").stringValue()).isEqualTo("sgx");
    }

    @Test
    void runtimeDataIsEmbeddedWithEveryDigit() {
        ObjectNode claims = rig.attest("TdxVm", with("quote", tdx(DATA), "runtimeData", Rig.held(DATA, "JSON"))).claims();

        assertThat(claims.path("x-ms-runtime").path("n").bigIntegerValue()).hasToString("12345678901234567890");
        assertThat(claims.has("aas-ehd")).isFalse();
    }

    @Test
    void aTdxTokenSaysStatusDebugAndEveryRegister() {
        ObjectNode claims = rig.attest("TdxVm", with("quote", tdx("x"))).claims();

        assertThat(claims.get("x-ms-attestation-type").stringValue()).isEqualTo("tdxvm");
        assertThat(claims.get("attester_tcb_status").stringValue()).isEqualTo("UpToDate");
        assertThat(claims.get("dbgstat").stringValue()).isEqualTo("disabled");
        assertThat(claims.get("tdx_seamsvn").intValue()).isEqualTo(0x0106);
        assertThat(names(claims)).contains("tdx_mrtd", "tdx_mrseam", "tdx_rtmr0", "tdx_rtmr3", "tdx_report_data", "tdx_xfam");
    }

    @Test
    void anSnpGuestIsAttestedByItsReportAndChain() {
        ObjectNode claims =
                rig.attest("sevsnpvm", with("report", snp(DATA), "runtimeData", Rig.held(DATA, "json"), "nonce", 7)).claims();

        assertThat(claims.get("x-ms-attestation-type").stringValue()).isEqualTo("sevsnpvm");
        assertThat(names(claims)).contains("x-ms-sevsnpvm-launchmeasurement", "x-ms-sevsnpvm-hostdata", "x-ms-sevsnpvm-microcode-svn");
        assertThat(claims.get("nonce").stringValue()).isEqualTo("7");
        assertThat(claims.has("rp_data")).isFalse();
    }

    @Test
    void snpTakesNoBinaryData() {
        Rig.Answer answer = rig.attest("SevSnpVm", with("report", snp("x"), "runtimeData", Rig.held("x", "Binary")));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message()).contains("Binary is not allowed");
    }

    @Test
    void aNumberAsNonceKeepsEveryDigit() {
        Rig.Answer answer = rig.post("/attest/SgxEnclave?api-version=2022-08-01", "application/json",
                "{\"quote\":\"" + sgx("x") + "\",\"nonce\":18446744073709551615}");

        assertThat(answer.claims().get("nonce").stringValue()).isEqualTo("18446744073709551615");
    }

    @Test
    void paddedAndStandardBase64AreTakenAsWell() {
        byte[] quote = INTEL.sgxQuote(3, wish -> {});
        for (Base64.Encoder each : List.of(Base64.getEncoder(), Base64.getUrlEncoder(), Base64.getEncoder().withoutPadding())) {
            assertThat(rig.attest("SgxEnclave", with("quote", each.encodeToString(quote))).status()).isEqualTo(200);
        }
    }

    @Test
    void initialDataMustBeInTheEvidence() {
        Bytes digest = digest("{\"a\":1}");
        String bound = Rig.base64(Rig.json(Map.of("SnpReport", Rig.base64(AMD.report(2, false,
                report -> report.put(0xc0, digest.toArray()))))).getBytes(StandardCharsets.UTF_8));

        assertThat(rig.attest("SevSnpVm", with("report", bound, "initTimeData", Rig.held("{\"a\":1}", "JSON")))
                .claims().path("x-ms-inittime").path("a").intValue()).isEqualTo(1);
        Rig.Answer other = rig.attest("SevSnpVm", with("report", snp("x"), "initTimeData", Rig.held("{\"a\":1}", "JSON")));
        assertThat(other.status()).isEqualTo(400);
        assertThat(other.message()).contains("initTimeData").contains("host data");
    }

    @Test
    void evidenceOfAnyKindIsAttestedUnderOnePathWithEndorsementsThatComeAlong() throws Exception {
        String evidence = Rig.base64(snpReport(DATA));
        Rig.Answer answer = rig.attest("Evidence", with(
                "evidence", evidence,
                "endorsements", List.of(Rig.base64(AMD.vcek().toArray())),
                "runtimeData", Rig.held(DATA, "JSON")));

        ObjectNode claims = answer.claims();
        assertThat(claims.path("innerkeep").path("kind").stringValue()).isEqualTo("snp-report");
        assertThat(claims.path("innerkeep").path("memory-readable-by").stringValue()).isEqualTo("nobody");
        assertThat(claims.path("innerkeep").path("report-data").stringValue()).startsWith(digest(DATA).hex());
        assertThat(claims.path("x-ms-runtime").path("keys").isArray()).isTrue();
    }

    @Test
    void whoPicksTheOwnTypeInPlaceOfAnotherGetsNoTokenOfThatType() {
        for (String evidence : List.of(sgx("x"), tdx("x"), Rig.base64(snpReport("x")))) {
            ObjectNode claims = rig.attest("Evidence", with("evidence", evidence)).claims();

            assertThat(claims.get("x-ms-attestation-type").stringValue()).isIn("sgx-quote", "tdx-quote", "snp-report");
            assertThat(names(claims)).noneMatch(name -> name.startsWith("x-ms-sgx-") || name.startsWith("x-ms-sevsnpvm-")
                    || name.startsWith("tdx_") || Set.of("tee", "dbgstat", "sgx-mrenclave", "is-debuggable").contains(name));
            assertThat(claims.path("innerkeep").path("type").stringValue()).isEqualTo("Evidence");
        }
    }

    @Test
    void textThatNoEncodingCanWriteIsRefused() {
        Rig.Answer nonce = rig.post("/attest/SgxEnclave?api-version=2022-08-01", "application/json",
                "{\"quote\":\"" + sgx("x") + "\",\"nonce\":\"\\ud800\"}");
        assertThat(nonce.code()).isEqualTo("InvalidRequest");
        String data = "{\"a\":{\"\\udfff\":1}}";
        assertThat(rig.attest("TdxVm", with("quote", tdx(data), "runtimeData", Rig.held(data, "JSON"))).code())
                .isEqualTo("InvalidRequest");
    }

    @Test
    void theOwnTypeRefusesDebugUnlessAPolicyLetsIt() {
        byte[] debug = AMD.report(2, false, report -> report.putLong(8, report.getLong(8) | 1L << 19));

        Rig.Answer answer = rig.attest("Evidence", with("evidence", Rig.base64(debug)));

        assertThat(answer.code()).isEqualTo("PolicyEvaluationError");
        assertThat(answer.message()).contains("Deny").contains("line 4");
        ObjectNode open = rig.attest("SevSnpVm", with("report", Rig.base64(debug))).claims();
        assertThat(open.get("x-ms-sevsnpvm-is-debuggable").booleanValue()).isTrue();
    }

    @Test
    void aNonceOfTheServiceMustBeInWhatTheEvidenceIsOver() {
        String nonce = rig.send("POST", "/nonce").body().path("nonce").stringValue();
        String data = "{\"nonce\":\"" + nonce + "\"}";

        ObjectNode claims =
                rig.attest("TdxVm", with("quote", tdx(data), "runtimeData", Rig.held(data, "JSON"), "nonce", nonce)).claims();
        assertThat(claims.path("innerkeep").path("nonce-bound").booleanValue()).isTrue();
        Rig.Answer unbound = rig.attest("TdxVm", with("quote", tdx("x"), "nonce", nonce));
        assertThat(unbound.message()).contains("put it into runtimeData");
        Rig.Answer forged = rig.attest("TdxVm", with("quote", tdx("x"), "nonce", nonce.substring(0, nonce.length() - 2) + "AA"));
        assertThat(forged.message()).contains("is none");
    }

    @Test
    void forgedEvidenceNeverGetsToAPolicy() {
        byte[] quote = INTEL.sgxQuote(3, wish -> {});
        quote[48 + FakeIntel.SGX_REPORTDATA] ^= 1;

        Rig.Answer answer = rig.attest("SgxEnclave", with("quote", Rig.base64(quote)));

        assertThat(answer.code()).isEqualTo("InvalidParameter");
        assertThat(answer.message()).contains("SIGNATURE_INVALID");
        assertThat(answer.response().headers().firstValue("x-ms-error-code")).contains("InvalidParameter");
    }

    @Test
    void aPolicyCannotSpeakInTheNameOfTheService() {
        String policy = "version=1.0;authorizationrules{=>permit();};issuancerules{"
                + "=>issue(type=\"is-debuggable\",value=\"never\");=>issue(type=\"colour\",value=\"red\");};";

        ObjectNode claims = rig.post("/attest/SgxEnclave?api-version=2020-10-01", "application/json",
                Rig.json(with("quote", sgx("x"), "draftPolicyForAttestation", policy)), rig.asAdmin()).claims();

        assertThat(claims.get("is-debuggable").isBoolean()).isTrue();
        assertThat(claims.path("x-ms-policy").path("is-debuggable").stringValue()).isEqualTo("never");
        assertThat(claims.get("colour").stringValue()).isEqualTo("red");
        assertThat(claims.path("innerkeep").path("draft").booleanValue()).isTrue();
    }

    @Test
    void evidenceOfAnotherTypeIsRefused() {
        assertThat(rig.attest("SgxEnclave", with("quote", tdx("x"))).message()).contains("expected a quote of an SGX enclave");
        assertThat(rig.attest("TdxVm", with("quote", sgx("x"))).message()).contains("TDX trust domain");
        assertThat(rig.attest("OpenEnclave", with("report", sgx("x"))).message()).contains("Open Enclave");
        assertThat(rig.attest("SgxEnclave", with("quote", "AAAA")).code()).isEqualTo("InvalidParameter");
    }

    @Test
    void aTokenIsAcceptedByTheStrictVerifierWithPinnedKeysAndNotUnderAnotherName() throws Exception {
        byte[] keys = rig.get("/certs").response().body();
        byte[] token = rig.attest("TdxVm", with("quote", tdx("x"))).token().getBytes(StandardCharsets.US_ASCII);

        Verdict verdict = new Verifier().verify(token, Endorsements.none(), Instant.now(),
                VerifierOptions.of(TokenIssuer.of(rig.issuer(), keys)));
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        Verdict other = new Verifier().verify(token, Endorsements.none(), Instant.now(),
                VerifierOptions.of(TokenIssuer.of("https://other.example", keys)).acceptTcb(TcbStatus.UP_TO_DATE));
        assertThat(other).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void everyDecisionHasAReceiptOfTheLogAndComesOutTheSameWhenItIsMadeAgain() throws Exception {
        Rig.Answer answer = rig.attest("TdxVm", with("quote", tdx(DATA), "runtimeData", Rig.held(DATA, "JSON"), "nonce", "n"));

        Receipt receipt = receipt(answer);
        assertThat(receipt.entry().kind()).isEqualTo(LogEntry.DECISION);
        assertThat(receipt.entry().digest("token")).contains(digest(answer.token()));
        assertThat(receipt.head().signedBy(rig.running().logAnchor())).isTrue();
        assertThat(rig.running().service().replay(receipt.entry().sequence())).contains(new Replay.Result.Same(Set.of()));
    }

    @Test
    void aDenialIsRecordedAndReplaysToo() throws Exception {
        byte[] debug = AMD.report(2, false, report -> report.putLong(8, report.getLong(8) | 1L << 19));
        long before = rig.running().service().log().head().orElseThrow().head().size();

        rig.attest("Evidence", with("evidence", Rig.base64(debug)));

        assertThat(rig.running().service().replay(before)).contains(new Replay.Result.Same(Set.of()));
    }

    static Receipt receipt(Rig.Answer answer) throws Exception {
        String header = answer.response().headers().firstValue("x-innerkeep-receipt").orElseThrow();
        return Receipt.parse(Base64.getUrlDecoder().decode(header));
    }
}
