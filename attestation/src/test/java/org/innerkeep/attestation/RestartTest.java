package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What outlives a service: its keys, its policies, its log; and what does not open it. */
class RestartTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);
    private static final String DENY = "version=1.0;\nauthorizationrules { => deny(); };\nissuancerules { };";
    private static final String PATH = "/policies/SgxEnclave?api-version=2020-10-01";

    @TempDir
    private Path folder;

    private Rig start(Map<String, String> more) throws Exception {
        return Rig.of(folder, INTEL, AMD, more);
    }

    @Test
    void keysAndPoliciesSurviveARestartAndTheLogGoesOn() throws Exception {
        String keys;
        long size;
        try (Rig rig = start(Map.of())) {
            keys = rig.get("/certs").body().path("keys").path(0).path("kid").stringValue();
            assertThat(rig.put(PATH, "text/plain", PolicyJws.unsigned(DENY).jws().text(), rig.asAdmin()).status()).isEqualTo(200);
            size = rig.running().service().log().head().orElseThrow().head().size();
        }
        try (Rig rig = start(Map.of())) {
            assertThat(rig.get("/certs").body().path("keys").path(0).path("kid").stringValue()).isEqualTo(keys);
            assertThat(rig.attest("SgxEnclave", Map.of("quote", Rig.base64(INTEL.sgxQuote(3, quote -> {})))).code())
                    .isEqualTo("PolicyEvaluationError");
            assertThat(rig.running().service().log().head().orElseThrow().head().size()).isGreaterThan(size);
        }
    }

    @Test
    void aCopyOfTheStoreWithoutTheKeyFileSignsNothing() throws Exception {
        start(Map.of()).close();
        Files.delete(folder.resolve("state/wrapping.key"));

        assertThatThrownBy(() -> start(Map.of())).hasMessageContaining("signing key").hasMessageContaining("key file");
    }

    @Test
    void aKeyFileThatOthersCanReadIsRefused() throws Exception {
        start(Map.of()).close();
        Path key = folder.resolve("state/wrapping.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> start(Map.of())).hasMessageContaining("wrapping.key").hasMessageContaining("chmod 600");
    }

    @Test
    void aPolicyThatNobodySignedDoesNotHoldInIsolatedMode() throws Exception {
        try (Rig rig = start(Map.of())) {
            assertThat(rig.put(PATH, "text/plain", PolicyJws.unsigned(DENY).jws().text(), rig.asAdmin()).status()).isEqualTo(200);
        }
        X509Certificate signer = Authority.root("CN=signer", Authority.rsaKeys(2048), "SHA256withRSA", Rig.NOW).certificate();
        Map<String, String> isolated =
                Map.of("mode", "isolated", "policy-signers", Rig.pem(folder.resolve("signer.pem"), signer));

        assertThatThrownBy(() -> start(isolated)).hasMessageContaining("SgxEnclave").hasMessageContaining("nobody signed");
    }

    @Test
    void theNextKeyIsPublishedBeforeItSigns() throws Exception {
        Map<String, String> values = new HashMap<>(Rig.makers(folder, INTEL, AMD));
        values.putAll(Map.of("token-lifetime", "PT1M", "key-rotation", "PT2M", "key-overlap", "PT1M59S"));
        SettableClock clock = new SettableClock(Rig.NOW);
        try (Rig rig = Rig.start(folder, values, new RunningService.Clocks(clock, clock))) {
            assertThat(rig.get("/certs").body().path("keys").size()).isEqualTo(1);
            clock.advance(Duration.ofMillis(1500));
            rig.running().service().refreshKeys();

            var keys = rig.get("/certs").body().path("keys");
            assertThat(keys.size()).isEqualTo(2);
            String token = rig.attest("SgxEnclave", Map.of("quote", Rig.base64(INTEL.sgxQuote(3, quote -> {})))).token();
            String header = new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[0]), StandardCharsets.UTF_8);
            assertThat(header).contains(keys.path(0).path("kid").stringValue());
        }
    }

    private void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        for (String file : List.of("store.db", "store.db-wal", "store.db-shm")) {
            Files.deleteIfExists(to.resolve(file));
            if (Files.exists(from.resolve(file))) {
                Files.copy(from.resolve(file), to.resolve(file));
            }
        }
    }

    @Test
    void anOlderCopyOfTheStoreIsNotServed() throws Exception {
        Path state = folder.resolve("state");
        start(Map.of()).close();
        copy(state, folder.resolve("backup"));
        try (Rig rig = start(Map.of())) {
            assertThat(rig.put(PATH, "text/plain", PolicyJws.unsigned(DENY).jws().text(), rig.asAdmin()).status()).isEqualTo(200);
        }
        copy(folder.resolve("backup"), state);

        Throwable refused = catchThrowable(() -> start(Map.of()));
        assertThat(refused).isInstanceOf(IOException.class).hasMessageContaining("an older copy was restored");
        String accepted = String.valueOf(refused.getMessage()).replaceAll("(?s).*set accept-rollback=([0-9a-f:]+) .*", "$1");
        try (Rig rig = start(Map.of("accept-rollback", accepted))) {
            assertThat(rig.get("/readyz").status()).isEqualTo(200);
        }
    }
}
