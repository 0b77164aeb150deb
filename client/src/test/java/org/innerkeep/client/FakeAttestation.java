package org.innerkeep.client;

import static org.innerkeep.makers.FakeTokenService.object;
import static org.innerkeep.makers.FakeTokenService.quoted;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;

/** An attestation service over HTTPS that answers as it is told: honestly unless a test wants otherwise. */
final class FakeAttestation implements AutoCloseable {
    static final String ISSUER = "https://attest.example";
    static final FakeTokenService TOKENS = new FakeTokenService(ISSUER, Algorithm.ES256, Reports.NOW);

    private static final Pattern BODY = Pattern.compile("\\{\"evidence\":\"([A-Za-z0-9_-]*)\",\"nonce\":\"([A-Za-z0-9_-]*)\"}");
    private static final byte[] LOCALHOST = {0x30, 0x0b, (byte) 0x82, 0x09, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};

    /** What a client sent. */
    record Asked(String method, URI uri, String contentType, Bytes evidence, String nonce) {
        /** Honest claims over the evidence, which the test's keeper must have signed. */
        Map<String, String> claims(Instant at) {
            Claims proven = ((Verdict.Accepted) Verifier.verify(evidence.toArray(), List.of(Reports.ANCHOR), Reports.NOW)).claims();
            Map<String, String> own = FakeTokenService.innerkeepReport(at);
            own.put("platform", quoted(proven.platform()));
            own.put("debug", Boolean.toString(proven.debug()));
            own.put("measurement", quoted(proven.measurement().orElseThrow().toString()));
            own.put("signer", quoted(proven.signer().orElseThrow().hex()));
            own.put("product-id", Long.toString(proven.productId().orElseThrow()));
            own.put("security-version", Long.toString(proven.securityVersion().orElseThrow()));
            own.put("issued-at", quoted(proven.issuedAt().orElseThrow().toString()));
            own.put("anchor", quoted(proven.anchor().hex()));
            own.put("report-data", quoted(proven.reportData().hex()));
            proven.details().forEach((name, value) -> own.put(name, quoted(value.toString())));
            Map<String, String> claims = TOKENS.innerkeep(at);
            claims.put("nonce", quoted(nonce));
            claims.put("innerkeep", object(own));
            return claims;
        }

        /** An honest token with something changed. */
        byte[] token(Consumer<Map<String, String>> change) {
            Map<String, String> claims = new LinkedHashMap<>(claims(Reports.NOW));
            change.accept(claims);
            return TOKENS.sign(TOKENS.header(), claims);
        }

        /** An honest token with something changed of what it says was proven. */
        byte[] tokenOf(String name, String json) {
            return token(claims -> claims.compute("innerkeep", (key, own) -> {
                Matcher found = Pattern.compile("\"" + name + "\":(\"[^\"]*\"|[a-z0-9]+)").matcher(String.valueOf(own));
                return found.replaceFirst(Matcher.quoteReplacement("\"" + name + "\":" + json));
            }));
        }
    }

    /** What a service does with a request. */
    interface Script {
        void answer(Asked asked, HttpExchange exchange) throws Exception;
    }

    static final Script HONEST = (asked, exchange) -> issue(exchange, asked.token(claims -> {}));

    private final Authority authority;
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private volatile Script script = HONEST;

    FakeAttestation() {
        this(LOCALHOST);
    }

    /** A service whose TLS certificate is for another name. */
    static FakeAttestation elsewhere() {
        byte[] other = LOCALHOST.clone();
        other[4] = 'x';
        return new FakeAttestation(other);
    }

    private FakeAttestation(byte[] names) {
        Instant now = Instant.now();
        authority = Authority.root("CN=TLS Root", Authority.ecKeys("secp256r1"), "SHA256WITHECDSA", now);
        KeyPair keys = Authority.ecKeys("secp256r1");
        X509Certificate leaf =
                authority.certify("CN=Service", keys.getPublic(), now, wish -> wish.extension("2.5.29.17", false, names));
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("tls", keys.getPrivate(), new char[0], new Certificate[] {leaf, authority.certificate()});
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(factory.getKeyManagers(), null, null);
            server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
            Matcher fields = BODY.matcher(body);
            Bytes evidence = fields.matches() ? Bytes.of(Base64.getUrlDecoder().decode(fields.group(1))) : Bytes.EMPTY;
            Asked request = new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI(),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
                    evidence,
                    fields.matches() ? fields.group(2) : "");
            asked.add(request);
            script.answer(request, exchange);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    static void issue(HttpExchange exchange, byte[] token) throws IOException {
        reply(exchange, 200, "{\"token\":\"" + new String(token, StandardCharsets.US_ASCII) + "\"}");
    }

    static void reply(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    FakeAttestation does(Script other) {
        script = other;
        return this;
    }

    /** What it was asked so far, in order. */
    List<Asked> asked() {
        return asked;
    }

    X509Certificate authority() {
        return authority.certificate();
    }

    URI address() {
        return URI.create("https://localhost:" + server.getAddress().getPort());
    }

    /** This service, as a relying party pins it. */
    TokenService pinned() {
        return TokenService.at(address(), TOKENS.keyAnchor(), authority());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
