package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What callers may send that is no request: each is refused with the documented code, and correct requests go on being answered. */
class HostileRequestTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final String QUOTE = Rig.base64(INTEL.sgxQuote(3, quote -> {}));
    private static final String JSON = "application/json";
    private static final String SGX = "/attest/SgxEnclave?api-version=2020-10-01";

    @TempDir
    private static Path folder;

    private static Rig rig;

    @BeforeAll
    static void startService() throws IOException {
        rig = Rig.of(folder, INTEL, FakeAmd.of(SnpProduct.MILAN, Rig.NOW), Map.of());
    }

    @AfterAll
    static void endService() {
        rig.close();
    }

    @AfterEach
    void correctRequestsAreStillAnswered() {
        assertThat(rig.attest("SgxEnclave", Map.of("quote", QUOTE)).status()).isEqualTo(200);
    }

    static Stream<Arguments> bodies() {
        String deep = "[".repeat(10_000) + "]".repeat(10_000);
        return Stream.of(
                Arguments.of("nothing", ""),
                Arguments.of("no JSON", "quote=AAAA"),
                Arguments.of("half of an object", "{\"quote\":\"" + QUOTE.substring(0, 100)),
                Arguments.of("an array", "[]"),
                Arguments.of("a number", "1"),
                Arguments.of("null", "null"),
                Arguments.of("no evidence", "{}"),
                Arguments.of("evidence that is null", "{\"quote\":null}"),
                Arguments.of("evidence that is a number", "{\"quote\":1}"),
                Arguments.of("evidence that is an object", "{\"quote\":{}}"),
                Arguments.of("evidence that is empty", "{\"quote\":\"\"}"),
                Arguments.of("evidence that is no base64", "{\"quote\":\"***\"}"),
                Arguments.of("evidence in two alphabets at once", "{\"quote\":\"+_AA\"}"),
                Arguments.of("evidence given twice", "{\"quote\":\"" + QUOTE + "\",\"quote\":\"" + QUOTE + "\"}"),
                Arguments.of("a field that is not known", "{\"quote\":\"" + QUOTE + "\",\"audience\":\"x\"}"),
                Arguments.of("something after the object", "{\"quote\":\"" + QUOTE + "\"}{}"),
                Arguments.of("deep nesting", "{\"quote\":\"" + QUOTE + "\",\"nonce\":" + deep + "}"),
                Arguments.of("deep nesting in runtime data", "{\"quote\":\"" + QUOTE + "\",\"runtimeData\":{\"dataType\":\"JSON\",\"data\":\""
                        + Rig.base64(("{\"a\":" + deep + "}").getBytes(StandardCharsets.UTF_8)) + "\"}}"),
                Arguments.of("runtime data that is no JSON", "{\"quote\":\"" + QUOTE
                        + "\",\"runtimeData\":{\"data\":\"AAAA\",\"dataType\":\"JSON\"}}"),
                Arguments.of("runtime data with a name twice", "{\"quote\":\"" + QUOTE + "\",\"runtimeData\":{\"dataType\":\"JSON\",\"data\":\""
                        + Rig.base64("{\"a\":1,\"a\":2}".getBytes(StandardCharsets.UTF_8)) + "\"}}"),
                Arguments.of("runtime data of no type", "{\"quote\":\"" + QUOTE + "\",\"runtimeData\":{\"data\":\"AAAA\"}}"),
                Arguments.of("runtime data that is text", "{\"quote\":\"" + QUOTE + "\",\"runtimeData\":\"AAAA\"}"),
                Arguments.of("a nonce that is an object", "{\"quote\":\"" + QUOTE + "\",\"nonce\":{}}"),
                Arguments.of("a nonce with a fraction", "{\"quote\":\"" + QUOTE + "\",\"nonce\":1.5}"),
                Arguments.of("a nonce that is too long", "{\"quote\":\"" + QUOTE + "\",\"nonce\":\"" + "n".repeat(1025) + "\"}"),
                Arguments.of("a number of a thousand digits", "{\"quote\":\"" + QUOTE + "\",\"nonce\":" + "9".repeat(1000) + "}"),
                Arguments.of("text that is no UTF-16", "{\"quote\":\"\\ud800\"}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodies")
    void aBodyOfAnotherFormIsRefused(String what, String body) {
        Rig.Answer answer = rig.post(SGX, JSON, body);

        assertThat(answer.status()).as(what).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("InvalidRequest");
        assertThat(answer.message()).isNotEmpty().doesNotContain(QUOTE.substring(0, 40));
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedBeforeItIsRead() {
        Rig.Answer answer = rig.post(SGX, JSON, "{\"quote\":\"" + "A".repeat(9 << 20) + "\"}");

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.code()).isEqualTo("PayloadTooLarge");
    }

    @Test
    void eachTypeHasItsOwnLimit() {
        assertThat(rig.post(SGX, JSON, "{\"quote\":\"" + "A".repeat(2 << 20) + "\"}").status()).isEqualTo(413);
        assertThat(rig.post("/attest/Evidence?api-version=2025-06-01", JSON, "{\"evidence\":\"" + "A".repeat(2 << 20) + "\"}").code())
                .isEqualTo("InvalidParameter");
    }

    @Test
    void otherMediaTypesAreRefused() {
        for (String type : List.of("text/plain", "application/xml", "multipart/form-data", "application/jsonx")) {
            assertThat(rig.post(SGX, type, "{}").code()).isEqualTo("UnsupportedMediaType");
        }
        assertThat(rig.put("/policies/SgxEnclave?api-version=2020-10-01", JSON, "{}", rig.asAdmin()).status()).isEqualTo(415);
    }

    @Test
    void pathsAndMethodsThatAreNoneAreRefusedInTheSameShape() {
        assertThat(rig.get("/").code()).isEqualTo("ResourceNotFound");
        assertThat(rig.get("/attest//SgxEnclave").code()).isEqualTo("ResourceNotFound");
        assertThat(rig.get("/attest/../certs").code()).isEqualTo("ResourceNotFound");
        assertThat(rig.get("/certs/").code()).isEqualTo("ResourceNotFound");
        assertThat(rig.post("/attest/Nothing?api-version=2020-10-01", JSON, "{}").code()).isEqualTo("ResourceNotFound");
        assertThat(rig.send("DELETE", "/certs").code()).isEqualTo("MethodNotAllowed");
        assertThat(rig.get("/log/receipts/99999999999999999999").status()).isEqualTo(400);
        assertThat(rig.get("/log/receipts/999999").status()).isEqualTo(404);
    }

    @Test
    void aVersionThatIsMissingOrUnknownIsRefused() {
        assertThat(rig.post("/attest/SgxEnclave", JSON, "{}").code()).isEqualTo("UnsupportedApiVersion");
        assertThat(rig.post("/attest/SgxEnclave?api-version=1999-01-01", JSON, "{}").status()).isEqualTo(400);
        for (String version : List.of("2018-09-01-preview", "2020-10-01", "2022-08-01", "2022-09-01-preview", "2023-04-01-preview",
                "2025-06-01", "2026-03-11-preview")) {
            assertThat(rig.post("/attest/SgxEnclave?api-version=" + version, JSON, Rig.json(Map.of("quote", QUOTE))).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void typesThatAreNotOfferedSaySo() {
        for (String type : List.of("Tpm", "AzureGuest", "Pluton", "KeyGuard", "MdepTz", "AiHsm")) {
            Rig.Answer answer = rig.attest(type, Map.of("data", "AAAA"));
            assertThat(answer.status()).isEqualTo(501);
            assertThat(answer.code()).isEqualTo("NotOffered");
        }
    }

    @Test
    void aDraftOfAStrangerDecidesNothing() {
        Rig.Answer answer = rig.attest("SgxEnclave", Map.of(
                "quote", QUOTE, "draftPolicyForAttestation", "version=1.0;authorizationrules{=>permit();};issuancerules{};"));

        assertThat(answer.status()).isEqualTo(401);
    }
}
