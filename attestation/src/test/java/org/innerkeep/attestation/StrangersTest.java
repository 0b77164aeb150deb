package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.BelievedStore;
import org.innerkeep.attestation.store.Change;
import org.innerkeep.attestation.store.Replay;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What strangers can make a service keep, and how often they can ask, where nothing is set. */
class StrangersTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);
    private static final String PATH = "/policies/SgxEnclave?api-version=2020-10-01";
    private static final String DENY = "version=1.0;\nauthorizationrules { => deny(); };\nissuancerules { };";
    private static final String UNUSABLE = "version=1.1;configurationrules{=>issueproperty(type=\"x-ms-sgx-tcbidentifier\","
            + "value=\"latest\");};authorizationrules{=>permit();};issuancerules{};";

    @TempDir
    private Path folder;

    private static long size(Rig rig) throws Exception {
        return rig.running().service().log().head().orElseThrow().head().size();
    }

    private static void attestForged(Rig rig) {
        byte[] quote = INTEL.sgxQuote(3, wish -> {});
        quote[100] ^= 1;
        assertThat(rig.attest("SgxEnclave", Map.of("quote", Rig.base64(quote))).status()).isEqualTo(400);
        assertThat(rig.attest("SgxEnclave", Map.of("quote", "AAAA")).status()).isEqualTo(400);
    }

    @Test
    void whatProvesNothingLeavesNothingBehind() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, Map.of())) {
            long before = size(rig);
            for (int i = 0; i < 5; i++) {
                attestForged(rig);
            }
            assertThat(size(rig)).isEqualTo(before);

            Rig.Answer proven = rig.attest("SgxEnclave", Map.of("quote", Rig.base64(INTEL.sgxQuote(3, quote -> {}))));
            assertThat(proven.response().headers().firstValue("x-innerkeep-receipt")).isPresent();
            assertThat(size(rig)).isEqualTo(before + 1);
        }
    }

    /** Set before it was looked at, or by an older version. */
    @Test
    void aPolicyByWhichNothingCanBeAttestedDoesNotMakeItKeepWhatProvesNothing() throws Exception {
        Rig.of(folder, INTEL, AMD, Map.of()).close();
        setUnchecked(PolicyJws.unsigned(UNUSABLE).jws().text());
        try (Rig rig = Rig.of(folder.resolve("."), INTEL, AMD, Map.of())) {
            long before = size(rig);
            attestForged(rig);
            assertThat(rig.attest("SgxEnclave", Map.of("quote", Rig.base64(INTEL.sgxQuote(3, quote -> {})))).code())
                    .isEqualTo("PolicyEvaluationError");
            assertThat(size(rig)).isEqualTo(before);
        }
    }

    @Test
    void whatAPolicyDeniesOfGenuineEvidenceIsKept() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, Map.of())) {
            rig.put(PATH, "text/plain", PolicyJws.unsigned(DENY).jws().text(), rig.asAdmin()).claims();
            long before = size(rig);
            assertThat(rig.attest("SgxEnclave", Map.of("quote", Rig.base64(INTEL.sgxQuote(3, quote -> {})))).code())
                    .isEqualTo("PolicyEvaluationError");
            assertThat(size(rig)).isEqualTo(before + 1);
        }
    }

    @Test
    void aPolicyByWhichNothingCanBeAttestedIsNotSet() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, Map.of())) {
            Rig.Answer refused = rig.put(PATH, "text/plain", PolicyJws.unsigned(UNUSABLE).jws().text(), rig.asAdmin());
            assertThat(refused.code()).isEqualTo("InvalidOperation");
            assertThat(refused.message()).contains("no evidence at all could be attested", "x-ms-sgx-tcbidentifier");
        }
    }

    private static Replay.Result attestedWithJunkAndReplayed(Rig rig, int bytes) throws Exception {
        byte[] junk = ("{\"junk\":\"" + "x".repeat(bytes) + "\"}").getBytes(StandardCharsets.US_ASCII);
        Rig.Answer answer = rig.attest("Evidence", Map.of(
                "evidence", Rig.base64(INTEL.sgxQuote(3, quote -> {})), "endorsements", List.of(Rig.base64(junk))));
        assertThat(answer.status()).as(answer.message()).isEqualTo(200);
        return rig.running().service().replay(AttestTest.receipt(answer).entry().sequence()).orElseThrow();
    }

    @Test
    void whoeverHasGenuineEvidenceCannotHaveAnythingElseKeptWithIt() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, Map.of())) {
            assertThat(attestedWithJunkAndReplayed(rig, 1000)).isEqualTo(new Replay.Result.Same(Set.of()));
            Path store = folder.resolve("state/store.db-wal");
            long before = Files.size(store);
            assertThat(attestedWithJunkAndReplayed(rig, UsedEndorsements.MOST_BROUGHT))
                    .isEqualTo(new Replay.Result.Incomplete(Set.of("endorsements")));
            assertThat(Files.size(store) - before).isLessThan(UsedEndorsements.MOST_BROUGHT);
        }
    }

    @Test
    void norTheOperatorsOwnAnewEachTime() throws Exception {
        Path endorsements = Files.createDirectories(folder.resolve("endorsements"));
        Files.writeString(endorsements.resolve("large"), "{\"other\":\"" + "x".repeat(UsedEndorsements.MOST_WITH_BROUGHT) + "\"}");
        try (Rig rig = Rig.of(folder, INTEL, AMD, Map.of())) {
            Rig.Answer answer = rig.attest("Evidence", Map.of("evidence", Rig.base64(INTEL.sgxQuote(3, quote -> {}))));
            assertThat(rig.running().service().replay(AttestTest.receipt(answer).entry().sequence()))
                    .contains(new Replay.Result.Same(Set.of()));
            assertThat(attestedWithJunkAndReplayed(rig, 1000)).isEqualTo(new Replay.Result.Incomplete(Set.of("endorsements")));
        }
    }

    private void setUnchecked(String policy) throws Exception {
        Path state = folder.resolve("state");
        LogKey key = LogKey.read(state.resolve("log.key"));
        try (AttestationStore store = BelievedStore.over(
                AttestationStore.open(StoreOptions.of(new StoreLocation.Sqlite(state.resolve("store.db")), key)), key)) {
            assertThat(store.setPolicy("SgxEnclave", 0, policy, "an older version")).isInstanceOf(Change.Made.class);
        }
    }

    @Test
    void whoeverWantsARecordOfEverythingSaysSo() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, Map.of("record", "all"))) {
            long before = size(rig);
            attestForged(rig);
            assertThat(size(rig)).isEqualTo(before + 2);
        }
    }

    /** How many of so many requests, one after the other, are turned away where anyone can connect. */
    private int turnedAway(int requests, Map<String, String> more) throws Exception {
        int port;
        try (Rig trial = Rig.of(folder, INTEL, AMD, Map.of())) {
            port = Rig.freePort();
            Map<String, String> all = new LinkedHashMap<>(Map.of(
                    "folder", folder.resolve("open").toString(),
                    "listen", "0.0.0.0:" + port,
                    "issuer", "https://attest.example",
                    "tls-certificate", folder.resolve("state/trial-tls.pem").toString(),
                    "tls-key", folder.resolve("state/trial-tls.key").toString()));
            all.putAll(more);
            try (RunningService running = RunningService.start(
                            ServiceConfiguration.of(all), new RunningService.Clocks(Clock.systemUTC(), InstantSource.system()));
                    HttpClient client = HttpClient.newBuilder().sslContext(trial.trust()).build()) {
                assertThat(running.port()).isEqualTo(port);
                HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/healthz")).build();
                int refused = 0;
                for (int i = 0; i < requests; i++) {
                    refused += client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 429 ? 1 : 0;
                }
                return refused;
            }
        }
    }

    @Test
    void whereAnyoneCanConnectOneAddressIsTurnedAwayWhenItAsksTooOften() throws Exception {
        assertThat(turnedAway(300, Map.of("requests-per-second", "5"))).isPositive();
    }

    @Test
    void thatIsSoWhereNothingIsSet() throws Exception {
        assertThat(RunningService.limits(ServiceConfiguration.of(Map.of()), new InetSocketAddress("0.0.0.0", 443)).perSecond())
                .isEqualTo(50);
        assertThat(RunningService.limits(ServiceConfiguration.of(Map.of()), new InetSocketAddress("192.0.2.1", 443)).perSecond())
                .isEqualTo(50);
        assertThat(RunningService.limits(ServiceConfiguration.of(Map.of()), new InetSocketAddress(InetAddress.getLoopbackAddress(), 443)).perSecond())
                .isZero();
        assertThat(RunningService.limits(
                                ServiceConfiguration.of(Map.of("requests-per-second", "0")), new InetSocketAddress("0.0.0.0", 443))
                        .perSecond())
                .isZero();
    }

    @Test
    void zeroLiftsTheLimit() throws Exception {
        assertThat(turnedAway(300, Map.of("requests-per-second", "0"))).isZero();
    }

    @Test
    void onALoopbackAddressNobodyIsTurnedAway() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, Map.of())) {
            for (int i = 0; i < 300; i++) {
                assertThat(rig.get("/healthz").status()).isEqualTo(200);
            }
        }
    }
}
