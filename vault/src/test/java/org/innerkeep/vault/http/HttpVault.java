package org.innerkeep.vault.http;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.SignedRecipient;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.VaultPart;
import org.innerkeep.vault.release.FakeEnclave;
import org.innerkeep.vault.release.TestVault;
import tools.jackson.databind.JsonNode;

/** A vault over HTTPS, as {@code innerkeep serve} runs it, with its owner and the enclaves that ask it. */
final class HttpVault implements AutoCloseable {
    static final String TEXT = "the patients";

    private static final StrictJson JSON = StrictJson.upTo(8 << 20);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final RunningService running;
    private final Clock clock;
    private final HttpClient client;
    private final String address;
    private final String adminKey;
    private final Optional<VaultAnchor> anchor;

    private HttpVault(RunningService running, Clock clock, int port) throws Exception {
        this.running = running;
        this.clock = clock;
        this.address = "https://localhost:" + port;
        this.client = HttpClient.newBuilder().sslContext(trust(running.trialCertificate().orElseThrow())).build();
        this.adminKey = Files.readString(running.adminKeyFile().orElseThrow()).strip();
        HttpResponse<byte[]> answer = get("/vault");
        // A vault can be switched off.
        this.anchor = answer.statusCode() == 200
                ? Optional.of(VaultAnchor.parse(json(answer).path("vault").stringValue()))
                : Optional.empty();
    }

    /** Starts in a folder, where there may be one already. */
    static HttpVault start(Path folder, FakeEnclave enclave, Map<String, String> more) throws Exception {
        return start(folder, enclave, more, Clock.systemUTC());
    }

    /** By another clock. */
    static HttpVault start(Path folder, FakeEnclave enclave, Map<String, String> more, Clock clock) throws Exception {
        Files.createDirectories(folder);
        int port = freePort();
        Map<String, String> settings = new LinkedHashMap<>(Map.of(
                "folder", folder.resolve("state").toString(),
                "listen", "127.0.0.1:" + port,
                // Nothing here asks for tokens, and the other kind of key takes seconds to make.
                "token-algorithm", "ES256",
                "keeper-anchor", Files.writeString(folder.resolve("keeper.key"), enclave.anchor().toString()).toString()));
        settings.putAll(more);
        RunningService running = RunningService.start(
                ServiceConfiguration.of(settings), new RunningService.Clocks(clock, clock), List.of(new VaultPart()));
        boolean started = false;
        try {
            HttpVault vault = new HttpVault(running, clock, port);
            started = true;
            return vault;
        } finally {
            if (!started) {
                running.close();
            }
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static SSLContext trust(Path certificate) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("trial", Pem.certificates(certificate).getFirst());
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    VaultAnchor anchor() {
        return anchor.orElseThrow();
    }

    RunningService running() {
        return running;
    }

    HttpResponse<byte[]> send(String method, String path, String type, byte[] body, boolean asOwner)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(Duration.ofSeconds(60))
                .method(method, type.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        if (asOwner) {
            request.header("Authorization", "Bearer " + adminKey);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** What anybody can ask for. */
    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return send("GET", path, "", new byte[0], false);
    }

    static JsonNode json(HttpResponse<byte[]> response) throws MalformedException {
        return JSON.read("answer", response.body());
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    /** What the owner does, and may. */
    JsonNode owner(String method, String path, String body) throws Exception {
        HttpResponse<byte[]> response =
                send(method, path, body.isEmpty() ? "" : "application/json", body.getBytes(StandardCharsets.UTF_8), true);
        assertThat(response.statusCode()).as(method + " " + path + ": " + text(response)).isEqualTo(200);
        return json(response);
    }

    /** A grant for {@link FakeEnclave#good}. */
    static String grantJson() {
        return "{\"signer\":\"" + FakeEnclave.digest("signer").hex() + "\",\"productId\":7,\"leastVersion\":3,"
                + "\"platforms\":[\"process\"],\"memoryReadableBy\":\"root\",\"leaseSeconds\":900}";
    }

    /** Gives a grant; tells its id. */
    String grant(String name) throws Exception {
        return owner("POST", "/vault/keys/" + name + "/grants", grantJson()).path("id").stringValue();
    }

    byte[] sealedTo(String name) throws Exception {
        HttpResponse<byte[]> recipient = get("/vault/keys/" + name + "/recipient");
        assertThat(recipient.statusCode()).isEqualTo(200);
        String text = text(recipient).strip();
        String signed = text(get("/vault/keys/" + name + "/signed-recipient")).strip();
        assertThat(SignedRecipient.parse(Base64.getUrlDecoder().decode(signed)).of(anchor(), name)).contains(text);
        return TestVault.seal(TEXT, Recipient.parse(text));
    }

    byte[] challenge() throws Exception {
        HttpResponse<byte[]> challenge = send("POST", "/vault/challenges", "", new byte[0], false);
        assertThat(challenge.statusCode()).isEqualTo(200);
        return challenge.body();
    }

    /** An enclave that pins this vault begins, with a challenge that it gives. */
    PendingRelease begin(String name, byte[] sealed) throws Exception {
        return begin(name, sealed, challenge());
    }

    /** As before, with a challenge from anywhere. */
    PendingRelease begin(String name, byte[] sealed, byte[] challenge) throws Exception {
        return PendingRelease.begin(anchor(), challenge, name, TestVault.header(sealed), Optional.empty(), RANDOM);
    }

    /** What the enclave has its host carry. */
    byte[] call(PendingRelease pending, FakeEnclave asking) {
        return pending.call(asking.attest(pending.reportData(), clock.instant()), List.of());
    }

    HttpResponse<byte[]> post(String name, byte[] call) throws IOException, InterruptedException {
        return send("POST", "/vault/keys/" + name + "/file-key", "application/cbor", call, false);
    }

    HttpResponse<byte[]> release(PendingRelease pending, String name, FakeEnclave asking) throws Exception {
        return post(name, call(pending, asking));
    }

    /** Whether an enclave reads a file; if not, the vault refused. */
    boolean reads(String name, byte[] sealed, FakeEnclave asking) throws Exception {
        try (PendingRelease pending = begin(name, sealed)) {
            HttpResponse<byte[]> response = release(pending, name, asking);
            if (response.statusCode() != 200) {
                assertThat(response.statusCode()).isEqualTo(403);
                return false;
            }
            pending.accept(response.body(), 1).close();
            return true;
        }
    }

    @Override
    public void close() {
        client.close();
        running.close();
    }
}
