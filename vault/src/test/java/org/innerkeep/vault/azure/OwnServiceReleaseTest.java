package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.exception.HttpResponseException;
import com.azure.security.keyvault.keys.models.CreateRsaKeyOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.cert.CertificateEncodingException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.InstantSource;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** The whole way: an enclave's quote over its key and a challenge, a token of the owner's attestation service, and the key. */
class OwnServiceReleaseTest {
    private static final StrictJson JSON = StrictJson.upTo(1 << 20);
    private static final FakeIntel INTEL = FakeIntel.at(VaultRig.NOW);
    private static final Environment ENVIRONMENT = new Environment();

    @TempDir
    private static Path folder;

    private static VaultRig rig;

    @BeforeAll
    static void start() throws Exception {
        Path endorsements = Files.createDirectories(folder.resolve("endorsements"));
        int count = 0;
        for (Bytes each : INTEL.collateral()) {
            Files.write(endorsements.resolve("document-" + count++), each.toArray());
        }
        rig = new VaultRig(
                folder,
                vault -> List.of(new PublishedAuthority(
                        "our own",
                        vault.address(),
                        URI.create(vault.address() + "/certs"),
                        Optional.empty(),
                        true,
                        client(),
                        InstantSource.system())),
                UnaryOperator.identity(),
                Map.of("root-intel", root().toString(), "endorsements", endorsements.toString()));
    }

    @AfterAll
    static void end() {
        rig.close();
    }

    private static Path root() throws IOException, CertificateEncodingException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(INTEL.root().certificate().getEncoded());
        return Files.writeString(folder.resolve("intel.pem"), "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
    }

    /** The service made its certificate before its parts were opened. */
    private static HttpClient client() {
        try {
            return HttpClient.newBuilder().sslContext(VaultRig.trust(folder.resolve("state/trial-tls.pem"))).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String attest(String runtime, String hashed) throws Exception {
        byte[] quote = INTEL.sgxQuote(3, body -> body.body(
                FakeIntel.SGX_REPORTDATA, Bytes.sha256(hashed.getBytes(StandardCharsets.UTF_8))));
        String body = "{\"quote\":\"" + Base64Text.url(quote) + "\",\"runtimeData\":{\"data\":\""
                + Base64Text.url(runtime.getBytes(StandardCharsets.UTF_8)) + "\",\"dataType\":\"JSON\"}}";
        HttpResponse<String> answer =
                rig.send("POST", "/attest/SgxEnclave?api-version=2025-06-01", Optional.of(body), "Content-Type", "application/json");
        ObjectNode json = JSON.object("answer", answer.body().getBytes(StandardCharsets.UTF_8));
        if (answer.statusCode() != 200) {
            throw new IOException(answer.body());
        }
        return json.path("token").stringValue();
    }

    @Test
    void anEnclaveGetsItsKeyByATokenOfTheOwnersServiceOverItsOwnChallenge() throws Exception {
        String runtime = ENVIRONMENT.runtime(Optional.of(TestChallenges.fresh()));
        String token = attest(runtime, runtime);
        String signer = Environment.payload(token).path("x-ms-sgx-mrsigner").stringValue();
        rig.owner().createRsaKey(new CreateRsaKeyOptions("own").setHardwareProtected(true).setExportable(true)
                .setReleasePolicy(VaultRig.policy(rig.address(), signer)));

        String answer = rig.release("own", "", token, Wrapping.RSA_AES_KEY_WRAP_384);

        byte[] plain = ENVIRONMENT.open(answer, Wrapping.RSA_AES_KEY_WRAP_384);
        assertThat(KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(plain)).getAlgorithm()).isEqualTo("RSA");
        assertThatThrownBy(() -> rig.release("own", "", token, Wrapping.RSA_AES_KEY_WRAP_384))
                .isInstanceOfSatisfying(HttpResponseException.class,
                        failure -> assertThat(failure.getResponse().getStatusCode()).isEqualTo(403))
                .hasMessageContaining("not released");
    }

    @Test
    void aKeyOrChallengeThatIsNotInTheQuoteGetsNoToken() {
        String real = ENVIRONMENT.runtime(Optional.of(TestChallenges.fresh()));
        String other = new Environment().runtime(Optional.of(TestChallenges.fresh()));
        assertThatThrownBy(() -> attest(other, real)).hasMessageContaining("runtimeData");
    }
}
