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
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
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

    private boolean accepted(PublishedAuthority authority, FakeTokenService service) {
        AssertionVerifier verifier = new AssertionVerifier(
                List.of(authority),
                new AssertionVerifier.Settings("https://vault.example", Duration.ofMinutes(5), Duration.ZERO, false, List.of()),
                new Verifier());
        try {
            return verifier.verify(ENVIRONMENT.token(service, now.get(), Optional.empty()), now.get()).authority() == authority;
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
            assertThat(authority.anchor()).isPresent();
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
        assertThat(authority.anchor()).isEmpty();
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
    void keysAreFetchedByHttpsOnly() {
        assertThatThrownBy(() -> new PublishedAuthority(
                        "plain", ISSUER, URI.create("http://attest.example/certs"), Optional.empty(), true, client, now::get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https");
    }
}
