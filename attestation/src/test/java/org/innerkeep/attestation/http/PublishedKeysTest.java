package org.innerkeep.attestation.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.token.SelfSigned;
import org.innerkeep.makers.Authority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens of an OpenID issuer whose keys are fetched over HTTPS, from an issuer that changes them, fails, or is hostile. */
class PublishedKeysTest {
    private static final KeyPair FIRST = Authority.rsaKeys(2048);
    private static final KeyPair SECOND = Authority.rsaKeys(2048);
    private static final String ADMIN_KEY = "an-admin-key-of-enough-characters";
    private static final String ISSUER = "https://login.example/tenant";
    private static final String AUDIENCE = "https://attest.example";
    private static final Duration TOTAL = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofSeconds(1);

    /** A key set is fetched when it is not known, and once more in half a minute where a key is not in it. */
    private static final int MOST_FETCHES = 2;

    private final AtomicInteger fetches = new AtomicInteger();
    private final AtomicInteger elsewhere = new AtomicInteger();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile HttpHandler handler = exchange -> answer(exchange, 404, "");
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpsServer server;
    private HttpClient client;

    @BeforeEach
    void startIssuer() throws Exception {
        KeyPair keys = Authority.ecKeys("secp256r1");
        X509Certificate certificate = SelfSigned.ofTrial(
                keys, List.of("localhost"), Instant.now(), Instant.now().plusSeconds(3600), new SecureRandom());
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(Pem.serverContext(List.of(certificate), keys.getPrivate())));
        server.setExecutor(threads);
        server.createContext("/keys", exchange -> {
            fetches.incrementAndGet();
            handler.handle(exchange);
        });
        server.createContext("/elsewhere", exchange -> {
            elsewhere.incrementAndGet();
            answer(exchange, 200, keySet(key("k", FIRST)));
        });
        server.start();
        client = HttpClient.newBuilder().sslContext(trust(certificate)).build();
    }

    @AfterEach
    void endIssuer() {
        ended.countDown();
        server.stop(0);
        client.shutdownNow();
        threads.shutdownNow();
    }

    private static SSLContext trust(X509Certificate certificate) throws Exception {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        roots.setCertificateEntry("issuer", certificate);
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static RSAKey key(String id, KeyPair pair) {
        return new RSAKey.Builder((RSAPublicKey) pair.getPublic()).keyID(id).build();
    }

    private static String keySet(JWK... keys) {
        return new JWKSet(List.of(keys)).toString(false);
    }

    private void publish(JWK... keys) {
        handler = exchange -> answer(exchange, 200, keySet(keys));
    }

    private AdminSettings settings() {
        URI address = URI.create("https://localhost:" + server.getAddress().getPort() + "/keys");
        return new AdminSettings(
                Optional.of(ADMIN_KEY),
                Optional.of(new AdminSettings.Issuer(
                        ISSUER, AUDIENCE, new AdminSettings.Keys.Published(address), "reader", "contributor")));
    }

    private AdminAccess access() throws IOException {
        return settings().access(new KeySetFetch(client, TOTAL));
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .subject("operator")
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .claim("roles", List.of("contributor"));
    }

    private static String signed(String kid, KeyPair by, JWTClaimsSet claims) throws Exception {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(kid).build(), claims);
        token.sign(new RSASSASigner(by.getPrivate()));
        return token.serialize();
    }

    private static Caller identify(AdminAccess access, String token) throws RefusedException {
        return access.identify(Optional.of("Bearer " + token));
    }

    private static void refused(AdminAccess access, String token, Code code) {
        assertThatThrownBy(() -> identify(access, token))
                .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.problem().code()).isEqualTo(code));
    }

    @Test
    void keysAreFetchedOnceAndAgainWhenTheIssuerHasNewOnes() throws Exception {
        publish(key("one", FIRST));
        AdminAccess access = access();
        assertThat(fetches).as("nothing is fetched before somebody calls").hasValue(0);
        for (int i = 0; i < 50; i++) {
            assertThat(identify(access, signed("one", FIRST, claims().build())).rights()).contains(Access.CONTRIBUTOR);
        }
        assertThat(fetches).hasValue(1);

        publish(key("two", SECOND));
        assertThat(identify(access, signed("two", SECOND, claims().build())).rights()).contains(Access.CONTRIBUTOR);
        assertThat(fetches).hasValue(2);
        refusedWhateverTheCode(access, signed("one", FIRST, claims().build()));
    }

    private static void refusedWhateverTheCode(AdminAccess access, String token) {
        assertThatThrownBy(() -> identify(access, token)).isInstanceOf(RefusedException.class);
    }

    @Test
    void tokensWithKeysThatNobodyKnowsMakeTheServiceAskNoOftener() throws Exception {
        publish(key("one", FIRST));
        AdminAccess access = access();
        List<String> strange = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            strange.add(signed("strange " + i, SECOND, claims().build()));
        }
        try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
            List<Future<?>> all = new ArrayList<>();
            for (String each : strange) {
                all.add(pool.submit(() -> refusedWhateverTheCode(access, each)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        assertThat(fetches.get()).isBetween(1, MOST_FETCHES);
        assertThat(identify(access, signed("one", FIRST, claims().build())).may(Access.CONTRIBUTOR)).as("others go on").isTrue();
    }

    @Test
    void tokensOfOthersForOthersOrOfAnotherTimeAreRefusedWithoutAskingAnybody() throws Exception {
        publish(key("one", FIRST));
        AdminAccess access = access();
        for (JWTClaimsSet each : List.of(
                claims().issuer("https://login.example/other").build(),
                claims().audience("https://other.example").build(),
                claims().expirationTime(Date.from(Instant.now().minusSeconds(600))).build(),
                claims().expirationTime(null).build(),
                claims().notBeforeTime(Date.from(Instant.now().plusSeconds(600))).build())) {
            refused(access, signed("one", FIRST, each), Code.UNAUTHORIZED);
        }
        refused(access, "no token", Code.UNAUTHORIZED);
        assertThat(fetches).hasValue(0);
    }

    @Test
    void aTokenThatNobodySignedOrThatAPublishedKeySignedAsASecretIsRefused() throws Exception {
        byte[] secret = new byte[64];
        // A hostile or careless key set: a secret among public keys, under the same name.
        publish(key("k", FIRST), new OctetSequenceKey.Builder(secret).keyID("k").algorithm(JWSAlgorithm.HS256).build());
        AdminAccess access = access();
        refused(access, new PlainJWT(claims().build()).serialize(), Code.UNAUTHORIZED);
        for (byte[] each : List.of(
                secret,
                FIRST.getPublic().getEncoded(),
                Pem.block("PUBLIC KEY", FIRST.getPublic().getEncoded()).getBytes(StandardCharsets.US_ASCII),
                key("k", FIRST).toJSONString().getBytes(StandardCharsets.US_ASCII))) {
            SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k").build(), claims().build());
            token.sign(new MACSigner(each));
            refused(access, token.serialize(), Code.UNAUTHORIZED);
        }
        refused(access, signed("k", SECOND, claims().build()), Code.UNAUTHORIZED);
        assertThat(identify(access, signed("k", FIRST, claims().build())).rights()).contains(Access.CONTRIBUTOR);
    }

    @Test
    void anIssuerThatIsDownIsNoFaultOfTheCallerAndTheAdminKeyGoesOnWorking() throws Exception {
        handler = exchange -> answer(exchange, 503, "");
        AdminAccess access = access();
        String token = signed("one", FIRST, claims().build());

        refused(access, token, Code.UNAVAILABLE);
        assertThat(identify(access, ADMIN_KEY).rights()).contains(Access.CONTRIBUTOR);

        publish(key("one", FIRST));
        assertThat(identify(access, token).rights()).contains(Access.CONTRIBUTOR);
    }

    @Test
    void anIssuerThatNobodyVouchesForOrThatIsNotThereIsNotBelieved() throws Exception {
        publish(key("one", FIRST));
        String token = signed("one", FIRST, claims().build());
        try (HttpClient ordinary = HttpClient.newHttpClient()) {
            refused(settings().access(new KeySetFetch(ordinary, TOTAL)), token, Code.UNAVAILABLE);
        }
        assertThat(fetches).hasValue(0);
        AdminAccess access = access();
        server.stop(0);
        refused(access, token, Code.UNAVAILABLE);
    }

    @Test
    void noRedirectIsFollowed() throws Exception {
        handler = exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            answer(exchange, 302, "");
        };
        refused(access(), signed("k", FIRST, claims().build()), Code.UNAVAILABLE);
        assertThat(elsewhere).hasValue(0);
        assertThatThrownBy(() -> new KeySetFetch(
                        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build(), TOTAL))
                .hasMessageContaining("redirects");
    }

    @Test
    void aKeySetThatIsNoneIsRefusedWhateverItIs() throws Exception {
        String token = signed("k", FIRST, claims().build());
        for (String each : List.of(
                "",
                "<html></html>",
                "{}",
                "{\"keys\":{}}",
                "{\"keys\":[]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"n\":\"\",\"e\":\"\"}]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\"}]}",
                "[".repeat(500_000),
                "{\"keys\":" + "[".repeat(500_000),
                "{\"a\":".repeat(150_000))) {
            handler = exchange -> answer(exchange, 200, each);
            refusedWhateverTheCode(access(), token);
        }
    }

    @Test
    void aKeySetThatIsTooLargeIsNotReadToItsEnd() throws Exception {
        AtomicInteger mebibytes = new AtomicInteger();
        handler = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] filler = new byte[1 << 20];
            Arrays.fill(filler, (byte) ' ');
            try (var out = exchange.getResponseBody()) {
                for (int i = 0; i < 64; i++) {
                    out.write(filler);
                    mebibytes.incrementAndGet();
                }
            }
        };
        refused(access(), signed("k", FIRST, claims().build()), Code.UNAVAILABLE);
        assertThat(mebibytes.get()).isLessThan(64);
    }

    @Test
    void aKeySetThatNeverEndsIsWaitedForNoLongerThanItsTime() throws Exception {
        handler = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (var out = exchange.getResponseBody()) {
                // Each byte well within what a single read may take.
                while (!ended.await(100, TimeUnit.MILLISECONDS)) {
                    out.write(' ');
                    out.flush();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        AdminAccess access = settings().access(new KeySetFetch(client, SHORT));
        String token = signed("k", FIRST, claims().build());
        long begin = System.nanoTime();
        refused(access, token, Code.UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(SHORT.minusMillis(100), SHORT.multipliedBy(10));
    }

    @Test
    void onlyAnHttpsAddressIsTaken() {
        AdminSettings settings = new AdminSettings(
                Optional.empty(),
                Optional.of(new AdminSettings.Issuer(
                        ISSUER, AUDIENCE, new AdminSettings.Keys.Published(URI.create("http://localhost/keys")), "r", "c")));
        assertThatThrownBy(settings::access).hasMessageContaining("https");
    }
}
