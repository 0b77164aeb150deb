package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What an operator sees of a service and sets for it. */
class OperatorTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);
    private static final String QUOTE = Rig.base64(INTEL.sgxQuote(3, quote -> {}));

    @TempDir
    private static Path folder;

    private static Rig rig;

    @BeforeAll
    static void startService() throws IOException {
        rig = Rig.of(folder, INTEL, AMD, Map.of());
    }

    @AfterAll
    static void endService() {
        rig.close();
    }

    @Test
    void healthAndReadinessAreAnswered() {
        assertThat(rig.get("/healthz").status()).isEqualTo(200);
        assertThat(rig.get("/readyz").status()).isEqualTo(200);
        assertThat(rig.get("/servicehealth").status()).isEqualTo(204);
    }

    @Test
    void metricsCountRequestsAndAttestations() {
        rig.attest("SgxEnclave", Map.of("quote", QUOTE));
        rig.attest("SgxEnclave", Map.of("quote", "AAAA"));

        String metrics = new String(rig.get("/metrics").response().body(), StandardCharsets.UTF_8);
        assertThat(metrics)
                .contains("innerkeep_attestations_total{code=\"OK\",type=\"SgxEnclave\"}")
                .contains("innerkeep_attestations_total{code=\"InvalidParameter\",type=\"SgxEnclave\"}")
                .contains("innerkeep_requests_total{code=\"OK\",operation=\"attest\"}")
                .contains("innerkeep_requests_in_flight 1");
    }

    @Test
    void theOpenApiDocumentNamesOperationsThatAnswer() {
        JsonNode document = rig.get("/openapi.json").body();
        assertThat(document.path("openapi").stringValue()).startsWith("3.1");
        List<String> paths = new ArrayList<>(document.path("paths").propertyNames());
        assertThat(paths).contains(
                "/attest/{type}", "/policies/{type}", "/policies/{type}:reset", "/certificates", "/certificates:add",
                "/certificates:remove", "/certs", "/.well-known/openid-configuration", "/tcbbaselines/{type}", "/nonce", "/log/head",
                "/healthz", "/readyz", "/metrics", "/openapi.json");
        for (String path : paths) {
            for (String method : document.path("paths").path(path).propertyNames()) {
                String asked = path.replace("{type}", path.startsWith("/log") ? "0" : "SgxEnclave").replace("{digest}", "00".repeat(32));
                Rig.Answer answer = rig.send(method.toUpperCase(Locale.ROOT), asked + "?api-version=2025-06-01", rig.asAdmin());
                assertThat(answer.code()).as(method + " " + path).isNotIn("ResourceNotFound", "MethodNotAllowed", "InternalError");
                assertThat(document.path("paths").path(path).path(method).path("summary").stringValue()).isNotEmpty();
            }
        }
    }

    @Test
    void baselinesAreListed() {
        JsonNode baselines = rig.get("/tcbbaselines/SgxEnclave?api-version=2025-06-01").body().path("tcbBaselines");
        assertThat(baselines.size()).isEqualTo(6);
        assertThat(baselines.path(0).path("tcbIdentifier").stringValue()).isEqualTo("10");
        assertThat(rig.get("/tcbbaselines/TdxVm?api-version=2025-06-01").status()).isEqualTo(400);
    }

    @Test
    void aPolicyCanAskForNewerCollateralThanIsAtHand() {
        String policy = "version=1.1;configurationrules{=>issueproperty(type=\"x-ms-sgx-tcbidentifier\",value=\"%d\");};"
                + "authorizationrules{=>permit();};issuancerules{};";
        Rig.Answer old = rig.post("/attest/SgxEnclave?api-version=2020-10-01", "application/json", Rig.json(Map.of(
                "quote", QUOTE, "draftPolicyForAttestation", policy.formatted(FakeIntel.EVALUATION))), rig.asAdmin());
        Rig.Answer newer = rig.post("/attest/SgxEnclave?api-version=2020-10-01", "application/json", Rig.json(Map.of(
                "quote", QUOTE, "draftPolicyForAttestation", policy.formatted(FakeIntel.EVALUATION + 1))), rig.asAdmin());

        assertThat(old.status()).as(old.message()).isEqualTo(200);
        assertThat(newer.status()).isEqualTo(400);
        assertThat(newer.body().path("error").path("details").toString()).contains("ENDORSEMENT_TOO_OLD");
    }

    @Test
    void aBaselineThatDependsOnClaimsOrIsSetTwiceIsNotLeftOutSilently() {
        String rest = "};authorizationrules{=>permit();};issuancerules{};";
        for (String rules : List.of(
                "[type==\"x-ms-sgx-svn\"]=>issueproperty(type=\"x-ms-sgx-tcbidentifier\",value=\"%d\");",
                "=>issueproperty(type=\"x-ms-sgx-tcbidentifier\",value=\"azuredefault\");"
                        + "=>issueproperty(type=\"x-ms-sgx-tcbidentifier\",value=\"%d\");")) {
            Rig.Answer answer = rig.post("/attest/SgxEnclave?api-version=2020-10-01", "application/json", Rig.json(Map.of(
                    "quote", QUOTE,
                    "draftPolicyForAttestation",
                    "version=1.1;configurationrules{" + rules.formatted(FakeIntel.EVALUATION + 1) + rest)), rig.asAdmin());

            assertThat(answer.code()).as(rules).isEqualTo("PolicyEvaluationError");
            assertThat(answer.message()).contains("x-ms-sgx-tcbidentifier");
        }
    }

    @Test
    void theLogHoldsNothingOfWhatWasSent() {
        List<String> lines = new ArrayList<>();
        Logger logger = Logger.getLogger("org.innerkeep.attestation.requests");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        try {
            String token = rig.post("/attest/SgxEnclave?api-version=2020-10-01", "application/json",
                    Rig.json(Map.of("quote", QUOTE, "nonce", "a-nonce-to-find")), rig.asAdmin()).token();
            rig.put("/policies/SgxEnclave?api-version=2020-10-01", "text/plain", "a-policy-to-find", rig.asAdmin());
            assertThat(lines).hasSizeGreaterThanOrEqualTo(2).allMatch(line -> line.startsWith("{\"event\":\"request\""));
            assertThat(String.join("\n", lines))
                    .doesNotContain(QUOTE.substring(0, 40), "a-nonce-to-find", "a-policy-to-find", rig.adminKey(), token.substring(0, 60));
        } finally {
            logger.removeHandler(handler);
        }
    }

    @Test
    void floorsRefuseWhateverAPolicySays() throws IOException {
        byte[] debug = AMD.report(2, false, report -> report.putLong(8, report.getLong(8) | 1L << 19));
        try (Rig strict = Rig.of(Files.createDirectories(folder.resolve("strict")), INTEL, AMD,
                Map.of("refuse-debug", "true", "require-runtime-data", "true"))) {
            Rig.Answer without = strict.attest("SevSnpVm", Map.of("report", Rig.base64(debug)));
            assertThat(without.message()).contains("runtimeData");
            Rig.Answer with = strict.attest("SevSnpVm",
                    Map.of("report", Rig.base64(debug), "runtimeData", Rig.held("{}", "JSON")));
            assertThat(with.message()).contains("DEBUG_ENCLAVE");
        }
    }

    @Test
    void noConnectionIsTakenOnceTheServiceHasEnded() throws Exception {
        Rig ending = Rig.of(Files.createDirectories(folder.resolve("ending")), INTEL, AMD, Map.of());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                answers.add(threads.submit(() -> ending.attest("SgxEnclave", Map.of("quote", QUOTE)).status()));
            }
            for (Future<Integer> each : answers.subList(0, 4)) {
                assertThat(each.get()).isEqualTo(200);
            }
            ending.running().close();
            assertThatThrownBy(() -> ending.get("/healthz")).isInstanceOf(Exception.class);
        }
    }

    /** Long before it would be cut for being idle. */
    @Test
    void aConnectionEndsAfterTheAnswerWhereItsClientWantsThat() throws IOException {
        try (Socket socket = rig.trust().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), rig.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(
                    "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 200 ").contains("Connection: close").endsWith("{\"status\":\"up\"}");
        }
    }

    @Test
    void settingsThatAreNotUnderstoodAreRefusedByName() {
        assertThatThrownBy(() -> ServiceConfiguration.of(Map.of("clock", "2020-01-01"))).hasMessageContaining("'clock'");
        for (Map<String, String> each : List.of(
                Map.of("mode", "shared"), Map.of("listen", "nowhere"), Map.of("accept-tcb", "Revoked"), Map.of("record", "some"),
                Map.of("token-lifetime", "8h"), Map.of("plain-http", "yes"), Map.of("least-tcb-evaluation", "-1"),
                Map.of("listen", "0.0.0.0:0", "issuer", "https://a.example"),
                Map.of("issuer", "https://a.example/"), Map.of("tls-key", "key.pem"))) {
            assertThatThrownBy(() -> Rig.start(Files.createDirectories(folder.resolve("wrong")), each, InstantSource.system()))
                    .as(each.toString())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
