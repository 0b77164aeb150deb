package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a signal does to {@code innerkeep serve}: what was begun is answered, nothing more is begun, and the process ends in time. */
final class ServeShutdownTest {
    @SuppressWarnings("TimeInStaticInitializer")
    private static final FakeIntel INTEL = FakeIntel.at(Instant.now());
    private static final Pattern IN_FLIGHT = Pattern.compile("(?m)^innerkeep_requests_in_flight ([0-9.]+)\\s*$");

    /** The grace of the service, and what a slow machine takes besides. */
    private static final Duration BOUND = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private Process process;
    private int port;

    @BeforeEach
    void serve() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path endorsements = Files.createDirectories(folder.resolve("endorsements"));
        List<Bytes> documents = INTEL.collateral();
        for (int i = 0; i < documents.size(); i++) {
            Files.write(endorsements.resolve("document-" + i), documents.get(i).toArray());
        }
        X509Certificate root = INTEL.root().certificate();
        Files.write(folder.resolve("intel.pem"), FakeIntel.pem(root).toArray());
        Files.writeString(folder.resolve("service.properties"), "root-intel=" + folder.resolve("intel.pem") + "\nendorsements=" + endorsements);
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "serve",
                        "--plain-http",
                        "--listen",
                        "127.0.0.1:" + port,
                        "--folder",
                        folder.resolve("state").toString(),
                        "--config",
                        folder.resolve("service.properties").toString())
                .redirectError(folder.resolve("errors").toFile())
                .start();
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        while (line != null && !line.startsWith("  Point a client")) {
            line = out.readLine();
        }
        assertThat(line).as(Files.readString(folder.resolve("errors"))).isNotNull();
    }

    @AfterEach
    void kill() {
        process.destroyForcibly();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) BOUND.toMillis());
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static String body() {
        return "{\"quote\":\"" + Base64.getUrlEncoder().withoutPadding().encodeToString(INTEL.sgxQuote(3, quote -> {})) + "\"}";
    }

    /** A connection whose request is under way: the service has its headers and half of its body. */
    private Socket begun(String body, int sent) throws Exception {
        int before = inFlight();
        Socket socket = connect();
        send(socket, "POST /attest/SgxEnclave?api-version=2020-10-01 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body.substring(0, sent));
        while (inFlight() == before) {
            Thread.sleep(10);
        }
        return socket;
    }

    private int inFlight() throws IOException {
        try (Socket socket = connect()) {
            send(socket, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Matcher gauge = IN_FLIGHT.matcher(answer(socket));
            assertThat(gauge.find()).isTrue();
            return (int) Double.parseDouble(gauge.group(1));
        }
    }

    /** Returns once nobody can connect any more; a connection that came just before that is given up. */
    private void untilRefused() throws Exception {
        long until = System.nanoTime() + BOUND.toNanos();
        while (System.nanoTime() < until) {
            try {
                connect().close();
                Thread.sleep(10);
            } catch (ConnectException e) {
                return;
            }
        }
        throw new AssertionError("connections are still taken");
    }

    /** An answer with as long a body as its headers say. */
    private static String answer(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as("the connection ended after: " + head).isNotNegative();
            head.append((char) next);
        }
        Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
        assertThat(length.find()).isTrue();
        int expected = Integer.parseInt(length.group(1));
        byte[] body = in.readNBytes(expected);
        assertThat(body).hasSize(expected);
        return head + new String(body, StandardCharsets.UTF_8);
    }

    private void expectEnd() throws Exception {
        assertThat(process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).as("ends in time").isTrue();
        assertThat(process.exitValue()).as(Files.readString(folder.resolve("errors"))).isZero();
        // The last connection to the store folds its write-ahead log into it.
        assertThat(folder.resolve("state/store.db-wal")).doesNotExist();
        assertThat(folder.resolve("state/store.db")).isNotEmptyFile();
    }

    @Test
    void aRequestThatIsUnderWayGetsItsWholeAnswerAndNobodyElseIsTaken() throws Exception {
        String body = body();
        try (Socket idle = connect();
                Socket begun = begun(body, body.length() / 2)) {
            assertThat(idle.isConnected()).isTrue();
            process.destroy();
            untilRefused();

            assertThat(process.isAlive()).isTrue();
            send(begun, body.substring(body.length() / 2));
            String answer = answer(begun);
            assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\"}").contains("{\"token\":\"");
            expectEnd();

            Matcher sent = Pattern.compile("(?i)x-innerkeep-receipt: ([A-Za-z0-9_-]+)").matcher(answer);
            assertThat(sent.find()).isTrue();
            Receipt receipt = Receipt.parse(Base64.getUrlDecoder().decode(sent.group(1)));
            LogKey key = LogKey.read(folder.resolve("state/log.key"));
            StoreLocation store = new StoreLocation.Sqlite(folder.resolve("state/store.db"));
            try (AttestationStore opened = AttestationStore.open(StoreOptions.of(store, key))) {
                assertThat(new LogVerifier(key.anchor()).verify(List.of(receipt), opened.log()).intact()).isTrue();
                assertThat(opened.decision(receipt.entry().sequence())).isPresent();
            }
        }
    }

    @Test
    void aRequestThatNeverEndsHoldsUpTheEndNoLongerThanTheGrace() throws Exception {
        try (Socket begun = begun(body(), 10)) {
            assertThat(begun.isConnected()).isTrue();
            long begin = System.nanoTime();
            process.destroy();
            expectEnd();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(BOUND);
        }
    }

    @Test
    void connectionsThatAreOnlyOpenDoNotHoldUpTheEnd() throws Exception {
        try (Socket used = connect();
                Socket unused = connect()) {
            send(used, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(answer(used)).startsWith("HTTP/1.1 200 ");
            assertThat(unused.isConnected()).isTrue();
            long begin = System.nanoTime();
            process.destroy();
            expectEnd();
            // Well below the grace.
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(9));
        }
    }
}
