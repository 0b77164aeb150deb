package org.innerkeep.examples.attestationclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.security.attestation.AttestationClient;
import com.azure.security.attestation.AttestationClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example against a running service, with a quote of a synthetic maker. */
class AttestEnclaveTest {
    @TempDir
    private Path folder;

    @Test
    void theProgramWorksByChangingTheAddressAndTrustsNoTokenThatWasChanged() throws Exception {
        FakeIntel intel = FakeIntel.at(Instant.now());
        byte[] data = "a public key".getBytes(StandardCharsets.UTF_8);
        byte[] quote = intel.sgxQuote(3, wish -> wish.body(FakeIntel.SGX_REPORTDATA, Bytes.sha256(data)));
        try (RunningService service = RunningService.start(configuration(intel), RunningService.Clocks.ofSystem())) {
            String address = service.service().settings().issuer();
            AttestationClient client = new AttestationClientBuilder()
                    .endpoint(address)
                    .httpClient(new JdkHttpClientBuilder().build())
                    .buildClient();
            byte[] keySet = get(address + "/certs");

            Claims claims = AttestEnclave.attest(client, address, quote, data, keySet);

            assertThat(claims.platform()).isEqualTo("sgx");
            assertThat(claims.debug()).isFalse();
            assertThatThrownBy(() -> AttestEnclave.trusted("eyJhbGciOiJub25lIn0.e30.", address, keySet))
                    .isInstanceOf(Exception.class);
        }
    }

    private ServiceConfiguration configuration(FakeIntel intel) throws Exception {
        Path root = folder.resolve("root.pem");
        Files.writeString(root, Pem.block("CERTIFICATE", intel.root().certificate().getEncoded()));
        Path endorsements = Files.createDirectory(folder.resolve("endorsements"));
        List<Bytes> documents = intel.collateral();
        for (int i = 0; i < documents.size(); i++) {
            Files.write(endorsements.resolve("document-" + i), documents.get(i).toArray());
        }
        return ServiceConfiguration.of(Map.of(
                "folder", folder.resolve("state").toString(),
                "listen", "127.0.0.1:" + freePort(),
                "plain-http", "true",
                "root-intel", root.toString(),
                "endorsements", endorsements.toString()));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static byte[] get(String address) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofByteArray()).body();
        }
    }
}
