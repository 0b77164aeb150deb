package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.KeyClientBuilder;
import com.azure.security.keyvault.keys.models.CreateOctKeyOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.innerkeep.vault.VaultPart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vault as an operator starts it: by settings and a file of authorities, with challenges of its own. */
class ConfiguredVaultTest {
    private static final StrictJson JSON = StrictJson.upTo(1 << 16);
    private static final FakeTokenService SERVICE = new FakeTokenService("https://attest.example", Algorithm.RS256, VaultRig.NOW);
    private static final Environment ENVIRONMENT = new Environment();

    @TempDir
    private Path folder;

    private Map<String, String> settings(int port, String authorities) throws IOException {
        Files.write(folder.resolve("keys.json"), SERVICE.keySet());
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("folder", folder.resolve("state").toString());
        settings.put("listen", "127.0.0.1:" + port);
        settings.put("vault-authorities", Files.writeString(folder.resolve("authorities.json"), authorities).toString());
        return settings;
    }

    private static RunningService start(Map<String, String> settings) throws IOException {
        return RunningService.start(
                ServiceConfiguration.of(settings), RunningService.Clocks.ofSystem(), List.of(new VaultPart()));
    }

    private static String challenge(SSLContext trust, int port) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().sslContext(trust).build()) {
            HttpResponse<byte[]> answer = client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/challenges"))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            return JSON.object("challenge", answer.body()).path("nonce").stringValue();
        }
    }

    private static KeyClient client(SSLContext trust, int port, RunningService service) throws IOException {
        return new KeyClientBuilder()
                .vaultUrl("https://localhost:" + port)
                .httpClient(new JdkHttpClientBuilder(HttpClient.newBuilder().sslContext(trust)).build())
                .credential(VaultRig.credential(Files.readString(service.adminKeyFile().orElseThrow()).strip()))
                .disableChallengeResourceVerification()
                .buildClient();
    }

    @Test
    void aKeyIsReleasedOverAChallengeOfTheVaultAndTheAnswersKeyOutlivesARestart() throws Exception {
        int port = VaultRig.freePort();
        Map<String, String> settings = settings(port,
                "{\"authorities\":[{\"name\":\"pinned\",\"issuer\":\"https://attest.example\",\"keys\":\"keys.json\"}]}");
        String answer;
        try (RunningService service = start(settings)) {
            SSLContext trust = VaultRig.trust(service.trialCertificate().orElseThrow());
            KeyClient client = client(trust, port, service);
            client.createOctKey(new CreateOctKeyOptions("configured").setHardwareProtected(true).setExportable(true)
                    .setReleasePolicy(VaultRig.policy(SERVICE.issuer())));
            String token = ENVIRONMENT.token(SERVICE, Instant.now(), Optional.of(challenge(trust, port)));
            answer = client.releaseKey("configured", token).getValue();
            assertThat(ENVIRONMENT.open(answer, Wrapping.CKM_RSA_AES_KEY_WRAP)).hasSize(32);
            assertThatThrownBy(() -> client.releaseKey("configured", token))
                    .isInstanceOf(HttpResponseException.class).hasMessageContaining("used before");
            String foreign = ENVIRONMENT.token(SERVICE, Instant.now(), Optional.of(TestChallenges.fresh()));
            assertThatThrownBy(() -> client.releaseKey("configured", foreign)).hasMessageContaining("no challenge of this vault");
        }
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(
                new ByteArrayInputStream(Files.readAllBytes(folder.resolve("state/vault-release.pem"))));
        String[] parts = answer.split("\\.", -1);
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(certificate);
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
        try (RunningService again = start(settings)) {
            SSLContext trust = VaultRig.trust(again.trialCertificate().orElseThrow());
            String token = ENVIRONMENT.token(SERVICE, Instant.now(), Optional.of(challenge(trust, port)));
            String second = client(trust, port, again).releaseKey("configured", token).getValue();
            assertThat(second.split("\\.", -1)[0]).isEqualTo(parts[0]);
            assertThat(ENVIRONMENT.open(second, Wrapping.CKM_RSA_AES_KEY_WRAP))
                    .isEqualTo(ENVIRONMENT.open(answer, Wrapping.CKM_RSA_AES_KEY_WRAP));
        }
    }

    @Test
    void aFileOfAuthoritiesThatIsWrongKeepsTheVaultFromStarting() throws IOException {
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("{", "authorities");
        wrong.put("{\"authorities\":[{\"name\":\"a\",\"issuer\":\"https://a\",\"keys\":\"keys.json\",\"pin\":true}]}", "found another");
        wrong.put("{\"authorities\":[{\"name\":\"a\",\"issuer\":\"https://a\"}]}", "keys");
        wrong.put("{\"authorities\":[{\"name\":\"a\",\"issuer\":\"https://a\",\"keys\":\"missing.json\"}]}", "missing.json");
        wrong.put("{\"authorities\":[{\"name\":\"a\",\"issuer\":\"https://a\",\"keys\":\"keys.json\",\"challenge\":\"no\"}]}", "challenge");
        String one = "{\"name\":\"a\",\"issuer\":\"https://a\",\"keys\":\"keys.json\"}";
        wrong.put("{\"authorities\":[" + one + "," + one + "]}", "each issuer once");
        for (Map.Entry<String, String> each : wrong.entrySet()) {
            Map<String, String> settings = settings(VaultRig.freePort(), each.getKey());
            assertThatThrownBy(() -> start(settings).close())
                    .as(each.getKey())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(each.getValue());
        }
    }
}
