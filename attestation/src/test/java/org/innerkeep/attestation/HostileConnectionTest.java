package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLException;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be done with connections instead of requests: each is cut in time, and correct requests go on being answered. */
class HostileConnectionTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final String QUOTE = Rig.base64(INTEL.sgxQuote(3, quote -> {}));
    private static final String POST = """
            POST /attest/SgxEnclave?api-version=2020-10-01 HTTP/1.1\r
            Host: localhost\r
            Content-Type: application/json\r
            """;

    /** How many connections are opened and left; ten thousand are in {@link ManyConnectionsTest}. */
    private static final int MANY = 1000;

    @TempDir
    private static Path folder;

    private static Rig rig;

    @BeforeAll
    static void startService() throws IOException {
        rig = Rig.of(folder, INTEL, FakeAmd.of(SnpProduct.MILAN, Rig.NOW), Map.of("request-timeout", "PT2S"));
    }

    @AfterAll
    static void endService() {
        rig.close();
    }

    @AfterEach
    void correctRequestsAreStillAnswered() {
        assertThat(rig.attest("SgxEnclave", Map.of("quote", QUOTE)).status()).isEqualTo(200);
    }

    private static Socket connect() throws IOException {
        Socket socket = rig.trust().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), rig.port());
        socket.setSoTimeout(15_000);
        return socket;
    }

    /** What is answered until the connection ends; nothing where it is cut. */
    private static String answer(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (SocketException | SSLException e) {
            return "";
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "",
        "G",
        "\0\0\0\0\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\n",
        "GET /certs HTTP/9.9\r\n\r\n",
        "GET /certs HTTP/1.1\r\nHo",
        "GET /certs HTTP/1.1\r\nNo-Host-But: this\r\n\r\n",
        POST + "Content-Length: -5\r\n\r\n",
        POST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        POST + "Content-Length: 900000\r\n\r\n{\"quote\":\"",
        POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        POST + "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"qu"
    })
    void whatNeverBecomesARequestIsAnsweredWithAnErrorOrCut(String bytes) throws IOException {
        try (Socket socket = connect()) {
            send(socket, bytes);

            String answer = answer(socket);
            if (!answer.isEmpty() && !answer.contains("No-Host")) {
                assertThat(answer).contains("\"error\"").doesNotContain("Exception").doesNotContain(" 200 ");
            }
        }
    }

    @Test
    void longLinesAndManyHeadersAreRefused() throws IOException {
        for (String each : List.of(
                "GET /" + "a".repeat(10_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /certs HTTP/1.1\r\nHost: x\r\n" + "X-Filler: y\r\n".repeat(10_000) + "\r\n")) {
            try (Socket socket = connect()) {
                try {
                    send(socket, each);
                } catch (SocketException | SSLException e) {
                    // It was cut while it was still being sent.
                    continue;
                }
                assertThat(answer(socket)).doesNotContain(" 200 ");
            }
        }
    }

    @Test
    void whoSendsAByteAtATimeIsCutHoweverLongItGoesOn() throws Exception {
        for (String each : List.of("GET /certs HTTP/1.1\r\nX: " + "y".repeat(10_000), POST + "Content-Length: 10000\r\n\r\n" + " ".repeat(10_000))) {
            try (Socket socket = connect()) {
                long begin = System.nanoTime();
                int sent = 0;
                try {
                    while (sent < each.length() && socket.getInputStream().available() == 0) {
                        send(socket, each.substring(sent, sent + 1));
                        sent++;
                        if (sent > each.indexOf("\r\n\r\n") + 4) {
                            Thread.sleep(50);
                        }
                    }
                } catch (SocketException | SSLException e) {
                    // Cut.
                }
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
                assertThat(sent).isLessThan(each.length());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 41\r\n\r\n",
        "POST /nonce HTTP/1.1\r\nHost: x\r\nContent-Length: 41\r\n\r\n",
        "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 41\r\n\r\n",
        POST + "Content-Length: 1000041\r\nX-Api: x\r\n\r\n",
        POST + "Content-Length: 9000000\r\n\r\n",
        "POST /attest/SgxEnclave?api-version=2020-10-01 HTTP/1.1\r\nHost: x\r\nContent-Length: 41\r\n\r\n"
    })
    void aBodyThatIsNotReadIsNeverTakenForTheNextRequest(String headers) throws IOException {
        try (Socket socket = connect()) {
            send(socket, headers + "GET /certs HTTP/1.1\r\nHost: x\r\nAbc: def\r\n\r\n");

            assertThat(answer(socket)).doesNotContain("\"x5c\"");
        }
    }

    @Test
    void anAnswerToHeadHasNoBody() throws IOException {
        try (Socket socket = connect()) {
            send(socket, "HEAD /certs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

            assertThat(answer(socket)).contains(" 405 ").endsWith("\r\n\r\n");
        }
    }

    @Test
    void http2IsNotSpokenAndClientsThatCanDoBothUseTheOther() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(rig.issuer() + "/healthz")).timeout(Duration.ofSeconds(20)).build();
        try (HttpClient client = HttpClient.newBuilder().sslContext(rig.trust()).version(HttpClient.Version.HTTP_2).build()) {
            HttpResponse<Void> answer = client.send(request, HttpResponse.BodyHandlers.discarding());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        }
    }


    @Test
    void aHandshakeThatNeverEndsIsCut() throws IOException {
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.port()))) {
            channel.socket().setSoTimeout(15_000);
            assertThat(channel.socket().getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void manyConnectionsThatDoNothingHoldUpNobodyAndAreCut() throws Exception {
        List<SocketChannel> open = new ArrayList<>();
        try {
            InetSocketAddress where = new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.port());
            for (int i = 0; i < MANY; i++) {
                open.add(SocketChannel.open(where));
            }
            long begin = System.nanoTime();
            assertThat(rig.attest("SgxEnclave", Map.of("quote", QUOTE)).status()).isEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
            open.getLast().socket().setSoTimeout(15_000);
            assertThat(open.getLast().socket().getInputStream().read()).isEqualTo(-1);
        } finally {
            for (SocketChannel each : open) {
                each.close();
            }
        }
    }

    @Test
    void manyAtOnceAreAnsweredOrTurnedAwayAndNothingElse() throws Exception {
        // Each has a connection of its own; with the short time of the other tests a busy machine would not get through the handshakes.
        try (Rig patient = Rig.of(Files.createDirectories(folder.resolve("patient")), INTEL, FakeAmd.of(SnpProduct.MILAN, Rig.NOW), Map.of());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(threads.submit(() -> patient.attest("SgxEnclave", Map.of("quote", QUOTE)).status()));
            }
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> each : answers) {
                statuses.add(each.get());
            }
            assertThat(statuses).contains(200).allMatch(status -> status == 200 || status == 429);
        }
    }

    @Test
    void anAddressThatAsksTooOftenIsTurnedAway() throws IOException {
        try (Rig slow = Rig.of(Files.createDirectories(folder.resolve("rate")), Map.of("requests-per-second", "2"))) {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                statuses.add(slow.get("/healthz").status());
            }
            assertThat(statuses).startsWith(200).contains(429);
            assertThat(slow.get("/healthz").response().headers().firstValue("Retry-After")).isPresent();
        }
    }
}
