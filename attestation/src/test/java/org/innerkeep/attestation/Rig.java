package org.innerkeep.attestation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A service that runs over HTTPS on a loopback port of its own, as {@code innerkeep serve} runs it, and trusts makers that tests have at
 * hand; and a plain client of it.
 */
public final class Rig implements AutoCloseable {
    /** What every token and every endorsement is valid at: clients compare tokens with the clock of this machine. */
    @SuppressWarnings("TimeInStaticInitializer")
    static final Instant NOW = Instant.now();

    private static final StrictJson JSON = StrictJson.upTo(8 << 20);

    /** Nothing where the service runs in a process of its own. */
    private final Optional<RunningService> running;

    private final int port;
    private final String issuer;
    private final HttpClient client;
    private final String adminKey;
    private final SSLContext trust;

    private Rig(RunningService running, String issuer) throws IOException {
        this(Optional.of(running), running.port(), issuer, running.trialCertificate().orElseThrow(), running.adminKeyFile().orElseThrow());
    }

    private Rig(Optional<RunningService> running, int port, String issuer, Path certificate, Path adminKeyFile) throws IOException {
        this.running = running;
        this.port = port;
        this.issuer = issuer;
        this.trust = trust(Pem.certificates(certificate));
        this.client = HttpClient.newBuilder().sslContext(trust).connectTimeout(Duration.ofSeconds(10)).build();
        this.adminKey = Files.readString(adminKeyFile).strip();
    }

    /** A client of a service in a process of its own. */
    static Rig of(ServiceProcess process) throws IOException {
        return new Rig(
                Optional.empty(), process.port(), "https://localhost:" + process.port(), process.certificate(), process.adminKeyFile());
    }

    /** Intel and one of AMD's lines, with all endorsements at hand. */
    static Rig of(Path folder, FakeIntel intel, FakeAmd amd, Map<String, String> more) throws IOException {
        Map<String, String> values = makers(folder, intel, amd);
        values.putAll(more);
        return start(folder, values, InstantSource.system());
    }

    /** The settings by which a service trusts them, whose files are written. */
    static Map<String, String> makers(Path folder, FakeIntel intel, FakeAmd amd) throws IOException {
        Path endorsements = Files.createDirectories(folder.resolve("endorsements"));
        List<Bytes> documents = new ArrayList<>(intel.collateral());
        documents.add(amd.ask().der());
        documents.add(amd.ark().der());
        documents.add(amd.vcek());
        documents.add(amd.revocationList());
        for (int i = 0; i < documents.size(); i++) {
            Files.write(endorsements.resolve("document-" + i), documents.get(i).toArray());
        }
        Map<String, String> values = new LinkedHashMap<>();
        values.put("root-intel", pem(folder.resolve("intel.pem"), intel.root().certificate()));
        values.put("root-amd", pem(folder.resolve("amd.pem"), amd.ark().certificate()));
        values.put("endorsements", endorsements.toString());
        return values;
    }

    static Rig of(Path folder, Map<String, String> more) throws IOException {
        return of(folder, FakeIntel.at(NOW), FakeAmd.of(SnpProduct.MILAN, NOW), more);
    }

    /** A service with just these settings, whose evidence is appraised for a time of its own. */
    static Rig start(Path folder, Map<String, String> values, InstantSource appraisal) throws IOException {
        return start(folder, values, new RunningService.Clocks(Clock.systemUTC(), appraisal));
    }

    /** A service with just these settings and clocks. */
    static Rig start(Path folder, Map<String, String> values, RunningService.Clocks clocks) throws IOException {
        int port = freePort();
        Map<String, String> all = new LinkedHashMap<>();
        all.put("folder", folder.resolve("state").toString());
        all.put("listen", "127.0.0.1:" + port);
        all.putAll(values);
        RunningService running = RunningService.start(ServiceConfiguration.of(all), clocks);
        return new Rig(running, "https://localhost:" + port);
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String pem(Path file, X509Certificate certificate) throws IOException {
        try {
            Files.writeString(file, Pem.block("CERTIFICATE", certificate.getEncoded()));
            return file.toString();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static SSLContext trust(List<X509Certificate> certificates) throws IOException {
        try {
            KeyStore roots = KeyStore.getInstance("PKCS12");
            roots.load(null, null);
            for (X509Certificate each : certificates) {
                roots.setCertificateEntry(each.getSerialNumber().toString(), each);
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(roots);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    public RunningService running() {
        return running.orElseThrow(() -> new IllegalStateException("the service runs in a process of its own"));
    }

    public String issuer() {
        return issuer;
    }

    public int port() {
        return port;
    }

    public String adminKey() {
        return adminKey;
    }

    public SSLContext trust() {
        return trust;
    }

    /** An answer: its status, its body as JSON, and its headers. */
    public record Answer(int status, JsonNode body, HttpResponse<byte[]> response) {
        public String token() {
            return body.path("token").stringValue("");
        }

        public String code() {
            return body.path("error").path("code").stringValue("");
        }

        public String message() {
            return body.path("error").path("message").stringValue("");
        }

        /** The payload of the token in the answer; nothing of it is verified. */
        public ObjectNode claims() {
            if (status != 200) {
                throw new AssertionError(status + " " + code() + ": " + message());
            }
            return payload(token());
        }
    }

    /** The payload of a token; nothing of it is verified. */
    public static ObjectNode payload(String token) {
        try {
            return JSON.object("payload", Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    public Answer get(String path, String... headers) {
        return send(request(path, headers).GET());
    }

    public Answer post(String path, String mediaType, String body, String... headers) {
        return send(request(path, headers).header("Content-Type", mediaType).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    public Answer put(String path, String mediaType, String body, String... headers) {
        return send(request(path, headers).header("Content-Type", mediaType).PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** Without a body. */
    public Answer send(String method, String path, String... headers) {
        return send(request(path, headers).method(method, HttpRequest.BodyPublishers.noBody()));
    }

    /** Attests with the newest version of the interface. */
    public Answer attest(String type, Map<String, ?> body) {
        return post("/attest/" + type + "?api-version=2025-06-01", "application/json", json(body));
    }

    /** The same on a connection of its own. */
    Answer attestAnew(String type, Map<String, ?> body) {
        try (HttpClient anew = HttpClient.newBuilder().sslContext(trust).build()) {
            HttpRequest request = request("/attest/" + type + "?api-version=2025-06-01", "Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(json(body)))
                    .build();
            HttpResponse<byte[]> response = anew.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), JSON.read("answer", response.body()), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (MalformedException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public String[] asAdmin() {
        return new String[] {"Authorization", "Bearer " + adminKey};
    }

    public static String json(Map<String, ?> value) {
        return new String(JSON.write(value), StandardCharsets.UTF_8);
    }

    public static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    public static Map<String, String> held(String text, String dataType) {
        return Map.of("data", base64(text.getBytes(StandardCharsets.UTF_8)), "dataType", dataType);
    }

    /** Twice, since a connection that was kept may just have been cut for having been idle. */
    private HttpResponse<byte[]> exchange(HttpRequest request) throws IOException, InterruptedException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(issuer + path)).timeout(Duration.ofSeconds(30));
        return headers.length == 0 ? builder : builder.headers(headers);
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<byte[]> response = exchange(request.build());
            boolean json = response.body().length > 0 && response.headers().firstValue("Content-Type").orElse("").contains("json");
            JsonNode body = json ? JSON.read("answer", response.body()) : JSON.newObject();
            return new Answer(response.statusCode(), body, response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        running.ifPresent(RunningService::close);
    }
}
