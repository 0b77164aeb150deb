package org.innerkeep.endorsements;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One document within limits, from services that misbehave in every way. */
@Timeout(60)
class FetcherTest {
    private static final Limits SMALL = new Limits(Duration.ofSeconds(20), 3, Duration.ofSeconds(5), 1000);

    /** For those who never answer in full. */
    private static final Limits SHORT = new Limits(Duration.ofMillis(400), 3, Duration.ofSeconds(5), 1000);

    private final LocalService service = new LocalService();
    private final LocalService.Waits waits = new LocalService.Waits();
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void close() {
        never.countDown();
        service.close();
    }

    private Fetcher.Outcome get(String path) {
        return new Fetcher(service.client, SMALL, waits, waits).get(service.at(path));
    }

    private static String problem(Fetcher.Outcome outcome) {
        assertThat(outcome).isInstanceOf(Fetcher.Outcome.None.class);
        String problem = ((Fetcher.Outcome.None) outcome).problem();
        assertThat(problem).matches("[ -~]+");
        return problem;
    }

    @Test
    void getsADocumentWithItsHeaders() {
        service.on("/a?b=c", Map.of("X-Chain", "chain"), new byte[1000]);
        assertThat(get("/a?b=c")).isInstanceOfSatisfying(Fetcher.Outcome.Found.class, found -> {
            assertThat(found.body()).isEqualTo(Bytes.of(new byte[1000]));
            assertThat(found.header("x-chain")).hasValue("chain");
            assertThat(found.header("x-other")).isEmpty();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 204, 301, 302, 307, 400, 401, 403, 404, 500, 502})
    void anotherStatusIsAProblemAndIsNotRepeated(int status) {
        service.on("/a", (exchange, count) ->
                LocalService.answer(exchange, status, Map.of("Location", service.at("/b")), new byte[0]));
        assertThat(problem(get("/a"))).contains("status " + status);
        assertThat(service.asked).containsExactly("/a");
    }

    @Test
    void anEmptyAnswerIsAProblem() {
        service.on("/a", (exchange, count) -> LocalService.answer(exchange, 200, Map.of(), new byte[0]));
        assertThat(problem(get("/a"))).contains("empty");
    }

    @Test
    void aClientThatFollowsRedirectsIsRefused() {
        try (HttpClient follows = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Fetcher(follows, SMALL)).withMessageContaining("redirects");
        }
    }

    @Test
    void asksAgainWhenTheServiceSaysSo() {
        service.on("/a", (exchange, count) -> LocalService.answer(
                exchange, count == 1 ? 429 : count == 2 ? 503 : 200, count == 1 ? Map.of("Retry-After", "4") : Map.of(), new byte[] {7}));
        assertThat(get("/a")).isInstanceOf(Fetcher.Outcome.Found.class);
        assertThat(waits.taken).containsExactly(Duration.ofSeconds(4), Duration.ofSeconds(1));
    }

    @Test
    void aDateToAskAgainIsUnderstood() {
        service.on("/a", (exchange, count) -> LocalService.answer(
                exchange, count == 1 ? 429 : 200, Map.of("Retry-After", "Mon, 1 Jun 2026 00:00:03 GMT"), new byte[] {7}));
        assertThat(get("/a")).isInstanceOf(Fetcher.Outcome.Found.class);
        assertThat(waits.taken).containsExactly(Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"6", "999999999", "Fri, 1 Jan 2100 00:00:00 GMT"})
    void aServiceThatWantsALongWaitIsNotAskedAgain(String wait) {
        service.on("/a", (exchange, count) -> LocalService.answer(exchange, 429, Map.of("Retry-After", wait), new byte[0]));
        assertThat(problem(get("/a"))).contains("status 429 after 1 attempt");
        assertThat(service.asked).hasSize(1);
        assertThat(waits.taken).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-1", "1e9", "99999999999999999999"})
    void aWaitThatIsNoneIsOurs(String wait) {
        service.on("/a", (exchange, count) -> LocalService.answer(exchange, 503, Map.of("Retry-After", wait), new byte[0]));
        assertThat(problem(get("/a"))).contains("status 503 after 3 attempts");
        assertThat(waits.taken).containsExactly(Duration.ofMillis(500), Duration.ofSeconds(1));
    }

    @Test
    void aBodyBeyondTheLimitIsNotRead() {
        service.on("/a", Map.of(), new byte[1001]);
        assertThat(problem(get("/a"))).contains("more than 1000 bytes");
    }

    @Test
    void anEndlessBodyEnds() {
        service.on("/a", (exchange, count) -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] part = new byte[4096];
            while (true) {
                exchange.getResponseBody().write(part);
            }
        });
        assertThat(problem(get("/a"))).contains("more than 1000 bytes");
    }

    @Test
    void aSlowAnswerEndsInTime() {
        service.on("/a", (exchange, count) -> await());
        assertThat(problem(new Fetcher(service.client, SHORT).get(service.at("/a")))).contains("no answer within");
    }

    @Test
    void aSlowBodyEndsInTime() {
        service.on("/a", (exchange, count) -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            await();
        });
        assertThat(problem(new Fetcher(service.client, SHORT).get(service.at("/a")))).contains("no answer within");
    }

    private void await() {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void hugeHeadersAreNoDocument() {
        service.on("/a", Map.of("X-Chain", "a".repeat(70_000)), new byte[] {7});
        assertThat(get("/a")).isInstanceOfSatisfying(Fetcher.Outcome.Found.class, found ->
                assertThat(found.header("X-Chain")).isEmpty());
    }

    @Test
    void endlessHeadersAndGarbageAreProblems() throws Exception {
        for (String text : new String[] {"HTTP/1.1 200 OK\r\nX: " + "a".repeat(2 << 20), "nonsense\r\n\r\n", "HTTP/1.1 2OO\r\n\r\n", "\0\0\0\0", ""}) {
            try (ServerSocket raw = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Thread server = Thread.ofVirtual().start(() -> {
                    try (Socket socket = raw.accept(); OutputStream out = socket.getOutputStream()) {
                        socket.getInputStream().read(new byte[1024]);
                        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
                    } catch (IOException e) {
                        // The other side has gone, as it should.
                    }
                });
                assertThat(problem(new Fetcher(service.client, SMALL).get("http://127.0.0.1:" + raw.getLocalPort() + "/")))
                        .contains("no answer");
                server.join();
            }
        }
    }

    @Test
    void nobodyThereIsAProblem() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(problem(new Fetcher(service.client, SMALL).get("http://127.0.0.1:" + port + "/a"))).contains("no connection");
    }

    @Test
    void anInterruptedThreadStaysInterrupted() {
        service.on("/a", (exchange, count) -> await());
        Thread.currentThread().interrupt();
        assertThat(problem(get("/a"))).contains("interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "http://pccs.example", "http://127.0.0.1.example", "http://localhost.example/", "ftp://localhost/", "https:/a", "a", "https://u@h/",
        "https://h/?a=b", "https://h/#a", "file:///etc"
    })
    void anAddressWithoutTransportSecurityIsRefused(String address) {
        assertThatIllegalArgumentException().isThrownBy(() -> Fetcher.checked(URI.create(address)));
    }

    @Test
    void addressesOverHttpsOrOnThisMachineAreTaken() {
        assertThat(Fetcher.checked(URI.create("https://pccs.example/a/"))).isEqualTo("https://pccs.example/a");
        assertThat(Fetcher.checked(URI.create("http://localhost:8081"))).isEqualTo("http://localhost:8081");
        assertThat(Fetcher.checked(URI.create("http://[::1]:8081"))).isEqualTo("http://[::1]:8081");
        assertThat(Fetcher.checked(URI.create("http://127.0.0.1"))).isEqualTo("http://127.0.0.1");
    }

    @Test
    void limitsAreWithinBounds() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Limits(Duration.ZERO, 1, Duration.ZERO, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Limits(Duration.ofSeconds(1), 0, Duration.ZERO, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Limits(Duration.ofSeconds(1), 11, Duration.ZERO, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Limits(Duration.ofSeconds(1), 1, Duration.ZERO, 0));
    }
}
