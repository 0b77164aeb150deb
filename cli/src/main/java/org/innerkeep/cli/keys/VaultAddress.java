package org.innerkeep.cli.keys;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.http.WholeAnswer;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.cli.trust.VaultTrust;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Where a vault's server is, and how it is known. */
class VaultAddress {
    private static final int MAX_ANSWER = 4 << 20;
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);

    @Option(names = "--server", paramLabel = "URL", defaultValue = "https://localhost:8443",
            description = "The vault's server (${DEFAULT-VALUE}).")
    private URI server;

    @Option(names = "--cacert", paramLabel = "FILE",
            description = "Certificates that vouch for the server, PEM; else those of the system, and for localhost"
                    + " ~/.innerkeep/service/trial-tls.pem.")
    private @Nullable Path authorities;

    @Mixin
    private VaultTrust enclave;

    VaultAddress() {
        this.enclave = new VaultTrust();
    }

    static Path inServiceFolder(String name) {
        return Path.of(System.getProperty("user.home"), ".innerkeep", "service", name);
    }

    /** Something public, as text. */
    String getText(String path) throws IOException {
        return new String(exchange("GET", path, Optional.empty(), Optional.empty()), StandardCharsets.UTF_8).strip();
    }

    /** What is sent. */
    record Body(String mediaType, @SuppressWarnings("ArrayRecordComponent") byte[] bytes) {}

    /** Made when an answer is there: a command that asks no vault has no use for it, and it takes longer to load than most commands run. */
    private static StrictJson reader() {
        return StrictJson.upTo(MAX_ANSWER);
    }

    static ObjectNode json(byte[] answer) throws IOException {
        try {
            return reader().object("answer", answer);
        } catch (MalformedException e) {
            throw new IOException("the server's answer is not what a vault says: " + e.getMessage(), e);
        }
    }

    final byte[] exchange(String method, String path, Optional<Body> body, Optional<String> adminKey) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address(path))
                .timeout(patience())
                .method(method, body.isPresent()
                        ? HttpRequest.BodyPublishers.ofByteArray(body.get().bytes())
                        : HttpRequest.BodyPublishers.noBody());
        body.ifPresent(each -> request.header("Content-Type", each.mediaType()));
        adminKey.ifPresent(key -> request.header("Authorization", "Bearer " + key));
        HttpClient client = client();
        try {
            HttpResponse<byte[]> answer = WholeAnswer.of(client, request.build(), patience(), MAX_ANSWER);
            if (answer.statusCode() / 100 != 2) {
                throw new IOException(message(answer.statusCode(), answer.body()));
            }
            return answer.body();
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw new IOException(server + ": nothing answers there; start the server with 'innerkeep serve', or name it with"
                    + " --server", e);
        } catch (SSLException e) {
            // Before anything was sent: main says every reason.
            throw VaultTrust.refusal(e).<IOException>map(refused -> refused).orElse(e);
        } catch (HttpTimeoutException e) {
            throw new IOException(server + ": " + e.getMessage() + (method.equals("GET")
                    ? ""
                    : "; what was asked for may have been done all the same: look before you repeat it"), e);
        } finally {
            // And not closed, which would wait for an answer that was given up.
            client.shutdownNow();
        }
    }

    /** How long is waited for the whole of an answer. */
    Duration patience() {
        return ANSWER;
    }

    private URI address(String path) throws IOException {
        String host = String.valueOf(server.getHost());
        boolean local = host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
        if (!"https".equals(server.getScheme()) && !("http".equals(server.getScheme()) && local)) {
            throw new IOException("--server " + server + ": expected an https address; the admin key would go over the network as it is");
        }
        String base = server.toString();
        return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
    }

    private static String message(int status, byte[] answer) {
        try {
            JsonNode error = reader().object("answer", answer).path("error");
            StringBuilder all = new StringBuilder(error.path("message").stringValue("the server says " + status));
            for (JsonNode each : error.path("details").values()) {
                all.append("\n  ").append(each.path("message").stringValue(""));
            }
            return all.toString();
        } catch (MalformedException e) {
            return "the server says " + status;
        }
    }

    private HttpClient client() throws IOException {
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(CONNECT).followRedirects(HttpClient.Redirect.NEVER);
        Optional<Trust> evidence = enclave.trust();
        if (evidence.isPresent()) {
            if (authorities != null || !"https".equals(server.getScheme())) {
                throw new IOException("--vault-anchor: expected with an https address and without --cacert: the certificate of a"
                        + " vault in an"
                        + " enclave is taken for the evidence in it");
            }
            return builder.sslContext(evidence.get().sslContext()).build();
        }
        Optional<Path> trusted = Optional.ofNullable(authorities)
                .or(() -> Optional.of(inServiceFolder("trial-tls.pem"))
                        .filter(each -> "localhost".equals(server.getHost()) && Files.exists(each)));
        if (trusted.isPresent()) {
            builder.sslContext(trusting(Pem.certificates(trusted.get())));
        }
        return builder.build();
    }

    private static SSLContext trusting(List<X509Certificate> certificates) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < certificates.size(); i++) {
                store.setCertificateEntry("authority-" + i, certificates.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificates that vouch for the server cannot be used: " + e.getMessage(), e);
        }
    }
}
