package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.token.SelfSigned;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An authority that publishes its keys, over real HTTPS: keys change, and the service answers with something else. */
class PublishedAuthorityTest {
    private static final String ISSUER = "https://attest.example";
    private static final Instant START = Instant.parse("2026-11-27T12:00:00Z");
    private static final Environment ENVIRONMENT = new Environment();

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final AtomicReference<byte[]> published = new AtomicReference<>(new byte[0]);
    private final AtomicInteger status = new AtomicInteger(200);
    private final AtomicInteger fetched = new AtomicInteger();
    private final AtomicBoolean stuck = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);

    @TempDir
    private Path folder;

    private HttpsServer server;
    private HttpClient client;

    @BeforeEach
    void startServer() throws Exception {
        KeyPair keys = org.innerkeep.makers.Authority.ecKeys("secp256r1");
        Instant real = Instant.now();
        X509Certificate certificate =
                SelfSigned.ofTrial(keys, List.of("localhost"), real, real.plus(Duration.ofDays(1)), new SecureRandom());
        Path pem = Files.writeString(folder.resolve("tls.pem"), Pem.block("CERTIFICATE", certificate.getEncoded()));
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(Pem.serverContext(List.of(certificate), keys.getPrivate())));
        server.createContext("/certs", exchange -> {
            fetched.incrementAndGet();
            byte[] body = published.get();
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            exchange.sendResponseHeaders(status.get(), body.length == 0 ? -1 : body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                if (stuck.get()) {
                    out.write(body, 0, body.length / 2);
                    out.flush();
                    ended.await();
                }
                out.write(body, 0, body.length);
            } catch (IOException e) {
                // The reader has had enough.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        client = HttpClient.newBuilder().sslContext(VaultRig.trust(pem)).followRedirects(HttpClient.Redirect.NEVER).build();
    }

    @AfterEach
    void endServer() {
        ended.countDown();
        client.close();
        server.stop(0);
    }

    private PublishedAuthority authority(Optional<X509Certificate> root) {
        URI keys = URI.create("https://localhost:" + server.getAddress().getPort() + "/certs");
        return new PublishedAuthority("published", ISSUER, keys, root, false, client, now::get);
    }

    private boolean accepted(Authority authority, FakeTokenService service) {
        return accepted(List.of(authority), service, service.header());
    }

    private boolean accepted(List<Authority> authorities, FakeTokenService service, Map<String, String> header) {
        AssertionVerifier verifier = new AssertionVerifier(
                authorities,
                new AssertionVerifier.Settings("https://vault.example", Duration.ofMinutes(5), Duration.ZERO, false, List.of()),
                new Verifier());
        try {
            String token = Environment.text(service.sign(header, ENVIRONMENT.claims(service, now.get(), Optional.empty())));
            return authorities.contains(verifier.verify(token, now.get()).authority());
        } catch (AssertionRefusedException e) {
            return false;
        }
    }

    private void later(long seconds) {
        now.updateAndGet(time -> time.plusSeconds(seconds));
    }

    @Test
    void keysAreFetchedOnceAndAtOnceAgainWhenATokenNamesOneThatIsNotAmongThem() {
        FakeTokenService first = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        FakeTokenService second = new FakeTokenService(ISSUER, Algorithm.ES256, START);
        PublishedAuthority authority = authority(Optional.empty());
        published.set(first.keySet());
        assertThat(accepted(authority, first)).isTrue();
        assertThat(accepted(authority, first)).isTrue();
        assertThat(fetched).hasValue(1);

        published.set(second.keySet());
        later(61);
        assertThat(accepted(authority, second)).isTrue();
        assertThat(fetched).hasValue(2);
    }

    @Test
    void whoeverSendsUnknownKeysMakesTheVaultAskOnceAMinuteAtMost() {
        FakeTokenService first = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        FakeTokenService stranger = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        PublishedAuthority authority = authority(Optional.empty());
        published.set(first.keySet());
        for (int i = 0; i < 20; i++) {
            assertThat(accepted(authority, stranger)).isFalse();
        }
        assertThat(fetched).hasValue(1);
        later(61);
        for (int i = 0; i < 20; i++) {
            assertThat(accepted(authority, stranger)).isFalse();
        }
        assertThat(fetched).hasValue(2);
    }

    @Test
    void aServiceThatAnswersSomethingElseDoesNotTakeTheKeysAway() {
        FakeTokenService first = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        PublishedAuthority authority = authority(Optional.empty());
        published.set(first.keySet());
        assertThat(accepted(authority, first)).isTrue();
        int asked = 1;
        for (int code : new int[] {500, 302, 200}) {
            status.set(code);
            published.set(code == 200 ? new byte[(1 << 20) + 1] : first.keySet());
            later(Duration.ofDays(1).toSeconds() + 1);
            assertThat(authority.anchors()).hasSize(1);
            assertThat(fetched).hasValue(++asked);
        }
    }

    @Test
    @Timeout(60)
    void anAnswerThatDoesNotEndIsNotWaitedFor() {
        FakeTokenService service = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        PublishedAuthority authority = authority(Optional.empty());
        published.set(service.keySet());
        stuck.set(true);

        assertThat(accepted(authority, service)).isFalse();
        assertThat(fetched).hasValue(1);
    }

    @Test
    void nobodyIsBelievedUntilKeysWereHad() {
        FakeTokenService first = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        PublishedAuthority authority = authority(Optional.empty());
        published.set("{\"keys\":[]}".getBytes(StandardCharsets.US_ASCII));
        assertThat(accepted(authority, first)).isFalse();
        assertThat(authority.anchors()).isEmpty();
        published.set(first.keySet());
        later(61);
        assertThat(accepted(authority, first)).isTrue();
    }

    @Test
    void withARootOnlyKeysThatItCertifiedCount() {
        FakeTokenService real = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        FakeTokenService stranger = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        PublishedAuthority authority = authority(Optional.of(real.root().certificate()));
        published.set(stranger.keySetWithChain());
        assertThat(accepted(authority, stranger)).isFalse();
        published.set(real.keySetWithChain());
        later(61);
        assertThat(accepted(authority, real)).isTrue();
    }

    @Test
    void aKeyThatTheAuthorityTookBackCountsNoLongerThoughItsCertificateDoes() {
        FakeTokenService retired = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        FakeTokenService current = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        PublishedAuthority authority = authority(Optional.of(retired.root().certificate()));
        published.set(retired.keySetWithChain());
        assertThat(accepted(List.of(authority), retired, withChain(retired))).isTrue();

        published.set(current.keySet());
        later(Duration.ofDays(1).toSeconds() + 1);
        assertThat(accepted(List.of(authority), retired, withChain(retired))).isFalse();
    }

    /** The header of a token that names its key and brings the chain of its certificate as well. */
    private static Map<String, String> withChain(FakeTokenService service) {
        Map<String, String> header = service.headerWithChain();
        header.put("kid", FakeTokenService.quoted(service.keyId()));
        return header;
    }

    @Test
    @Timeout(60)
    void anAuthorityThatDoesNotAnswerIsNotAskedForTokensOfAnother() {
        FakeTokenService other = new FakeTokenService("https://other.example", Algorithm.RS256, START);
        Authority pinned = Authority.pinned("other", other.keyAnchor(), false);
        published.set(other.keySet());
        stuck.set(true);

        assertThat(accepted(List.of(authority(Optional.empty()), pinned), other, other.header())).isTrue();
        assertThat(fetched).hasValue(0);
    }

    @Test
    @Timeout(60)
    void whileNewKeysAreFetchedTheOldOnesGoOn() throws Exception {
        FakeTokenService service = new FakeTokenService(ISSUER, Algorithm.RS256, START);
        PublishedAuthority authority = authority(Optional.empty());
        published.set(service.keySet());
        assertThat(accepted(authority, service)).isTrue();

        stuck.set(true);
        later(Duration.ofDays(1).toSeconds() + 1);
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<Boolean> waits = other.submit(() -> accepted(authority, service));
            while (fetched.get() < 2) {
                Thread.onSpinWait();
            }
            assertThat(accepted(authority, service)).isTrue();
            ended.countDown();
            assertThat(waits.get()).isTrue();
        }
    }

    @Test
    void keysAreFetchedByHttpsOnly() {
        assertThatThrownBy(() -> new PublishedAuthority(
                        "plain", ISSUER, URI.create("http://attest.example/certs"), Optional.empty(), true, client, now::get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https");
    }
}
