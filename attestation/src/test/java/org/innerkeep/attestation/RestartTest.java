package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Assumptions;
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
    void theNextKeyIsPublishedBeforeItSigns() throws Exception {
        try (Rig rig = start(Map.of("token-lifetime", "PT1M", "key-rotation", "PT2M", "key-overlap", "PT1M59S"))) {
            Thread.sleep(1500);
            rig.running().service().refreshKeys();

            var keys = rig.get("/certs").body().path("keys");
            assertThat(keys.size()).isEqualTo(2);
            String token = rig.attest("SgxEnclave", Map.of("quote", Rig.base64(INTEL.sgxQuote(3, quote -> {})))).token();
            String header = new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[0]), StandardCharsets.UTF_8);
            assertThat(header).contains(keys.path(0).path("kid").stringValue());
        }
    }

    @Test
    void keysCanLiveInAPkcs11Token() throws Exception {
        Path library = List.of(Path.of("/usr/lib/softhsm/libsofthsm2.so"), Path.of("/usr/lib64/pkcs11/libsofthsm2.so")).stream()
                .filter(Files::exists)
                .findFirst()
                .orElse(Path.of("none"));
        if (!Files.exists(library)) {
            Assumptions.abort("no PKCS #11 token to test with: install the package softhsm2");
        }
        SoftHsm token = SoftHsm.start(folder, library);
        String kid;
        try (Rig rig = start(token.settings())) {
            kid = rig.get("/certs").body().path("keys").path(0).path("kid").stringValue();
            assertThat(rig.attest("SgxEnclave", Map.of("quote", Rig.base64(INTEL.sgxQuote(3, quote -> {})))).status()).isEqualTo(200);
        }
        try (Rig rig = start(token.settings())) {
            assertThat(rig.get("/certs").body().path("keys").path(0).path("kid").stringValue()).isEqualTo(kid);
        }
    }

    /** A token in a folder; its module reads where from the environment, so it is for a process of its own. */
    private record SoftHsm(Path library, long slot, Path pin) {
        static SoftHsm start(Path folder, Path library) throws Exception {
            String configuration = System.getenv("SOFTHSM2_CONF");
            if (configuration == null) {
                Assumptions.abort("SOFTHSM2_CONF is not set: the test of PKCS #11 needs a token folder of its own");
            }
            String label = "innerkeep-" + System.nanoTime();
            Process process = new ProcessBuilder(
                            "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", "123456")
                    .redirectErrorStream(true)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(out).isZero();
            long slot = Long.parseLong(out.replaceAll("(?s).*slot (\\d+).*", "$1"));
            Path pin = folder.resolve("pin");
            Files.writeString(pin, "123456");
            Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-------"));
            return new SoftHsm(library, slot, pin);
        }

        Map<String, String> settings() {
            return Map.of("pkcs11-library", library.toString(), "pkcs11-slot", Long.toString(slot), "pkcs11-pin-file", pin.toString());
        }
    }
}
