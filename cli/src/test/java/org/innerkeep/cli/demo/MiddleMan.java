package org.innerkeep.cli.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.makers.Authority;

/**
 * Whoever sits between a relying party and its attestation service and has a TLS certificate that the party pinned: the most that theft
 * of the service's TLS key gives. It has no key that signs tokens.
 */
final class MiddleMan implements AutoCloseable {
    private static final Pattern BODY = Pattern.compile("\\{\"evidence\":\"([A-Za-z0-9_-]+)\",\"nonce\":\"([A-Za-z0-9_-]+)\"}");
    private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
    private static final byte[] LOCALHOST = {0x30, 0x0b, (byte) 0x82, 0x09, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};

    /** What went by. */
    record Question(Bytes evidence, String nonce) {}

    /** What is answered. */
    interface Trick {
        String token(Question question) throws Exception;
    }

    private final URI service;
    private final HttpClient toService;
    private final X509Certificate authority;
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Question> questions = new CopyOnWriteArrayList<>();
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private volatile Trick trick = this::honest;

    MiddleMan(URI service, SSLContext toService) throws Exception {
        this.service = service;
        this.toService = HttpClient.newBuilder().sslContext(toService).build();
        Authority root = Authority.root("CN=Root", Authority.ecKeys("secp256r1"), "SHA256WITHECDSA", Instant.now());
        KeyPair keys = Authority.ecKeys("secp256r1");
        authority = root.certificate();
        X509Certificate leaf = root.certify(
                "CN=Middle", keys.getPublic(), Instant.now(), wish -> wish.extension("2.5.29.17", false, LOCALHOST));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("tls", keys.getPrivate(), new char[0], new Certificate[] {leaf, authority});
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Matcher body = BODY.matcher(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII));
            if (!body.matches()) {
                throw new IOException("another question than clients ask");
            }
            Question question = new Question(Bytes.of(Base64.getUrlDecoder().decode(body.group(1))), body.group(2));
            questions.add(question);
            byte[] answer = ("{\"token\":\"" + trick.token(question) + "\"}").getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** The token that the real service gives for a question. */
    String honest(Question question) throws Exception {
        Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
        String body = "{\"evidence\":\"" + url.encodeToString(question.evidence().toArray()) + "\""
                + (question.nonce().isEmpty() ? "" : ",\"nonce\":\"" + question.nonce() + "\"") + "}";
        HttpResponse<String> response = toService.send(
                HttpRequest.newBuilder(service.resolve("/attest/Evidence?api-version=2020-10-01"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        Matcher token = TOKEN.matcher(response.body());
        if (response.statusCode() != 200 || !token.find()) {
            throw new IllegalStateException("the service refuses: " + response.body());
        }
        tokens.add(token.group(1));
        return token.group(1);
    }

    /** From now on answers like this. */
    void plays(Trick other) {
        trick = other;
    }

    /** What went by so far, in order. */
    List<Question> questions() {
        return questions;
    }

    /** The real service's tokens so far, in order. */
    List<String> tokens() {
        return tokens;
    }

    URI address() {
        return URI.create("https://localhost:" + server.getAddress().getPort());
    }

    X509Certificate authority() {
        return authority;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        toService.close();
    }
}
