package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.host.StartException;
import org.innerkeep.packing.Packing;
import org.innerkeep.testing.ProcessEnclaves;
import org.innerkeep.testing.RunningEnclave;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An ordinary web service, unchanged, as a real enclave, with ordinary HTTPS clients. */
@Timeout(120)
final class NotesIT {
    private static final int PORT = 8080;

    @TempDir
    private static Path temp;

    private static ProcessEnclaves enclaves;
    private static Path bundle;
    private static SigningKey developer;

    @BeforeAll
    static void pack() throws Exception {
        Path example = Path.of(System.getProperty("innerkeep.root"), "examples/server");
        List<Path> jars = new ArrayList<>();
        try (Stream<Path> libraries = Files.list(example.resolve("target/lib"))) {
            libraries.sorted().forEach(jars::add);
        }
        jars.add(example.resolve("target/innerkeep-example-server-0.1.0.jar"));
        developer = SigningKey.generate(SignerKey.Algorithm.P256);
        bundle = temp.resolve("notes.enclave");
        Packing.prepare(example.resolve("src/main/enclave/enclave.properties"), jars).packer().write(bundle, developer);
        enclaves = ProcessEnclaves.open();
    }

    @AfterAll
    static void end() throws IOException {
        if (enclaves != null) {
            enclaves.close();
        }
    }

    private static RunningEnclave start() throws IOException {
        try {
            return enclaves.start(bundle, Map.of());
        } catch (StartException e) {
            // Without networks of their own, servers in enclaves are refused: that is what an ordinary user sees.
            assumeTrue(isRoot(), "an ordinary user's keeper gives enclaves no network of their own: " + e.getMessage());
            throw e;
        }
    }

    private static boolean isRoot() throws IOException {
        return Files.getOwner(Path.of("/proc/self")).getName().equals("root");
    }

    private static HttpClient client(SSLContext tls) {
        return HttpClient.newBuilder().sslContext(tls).connectTimeout(Duration.ofSeconds(20)).build();
    }

    private static HttpRequest.Builder to(InetSocketAddress address, String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + address.getPort() + path)).timeout(Duration.ofSeconds(60));
    }

    @Test
    void ordinaryClientsVerifyTheEnclaveAndUseItsService() throws Exception {
        try (RunningEnclave enclave = start();
                HttpClient http = client(enclave.trust().sslContext())) {
            HttpRequest add = to(enclave.address(), "/notes").POST(BodyPublishers.ofString("first")).build();
            assertThat(http.send(add, BodyHandlers.discarding()).statusCode()).isEqualTo(201);
            HttpRequest list = to(enclave.address(), "/notes").GET().build();
            HttpResponse<String> listed = http.send(list, BodyHandlers.ofString());
            assertThat(listed.body()).isEqualTo("first");
            assertThat(listed.version()).isEqualTo(HttpClient.Version.HTTP_1_1);

            byte[] large = new byte[10_000_000];
            new Random(1).nextBytes(large);
            HttpRequest echo = to(enclave.address(), "/echo").POST(BodyPublishers.ofByteArray(large)).build();
            assertThat(http.send(echo, BodyHandlers.ofByteArray()).body()).isEqualTo(large);

            List<CompletableFuture<HttpResponse<String>>> many = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                many.add(http.sendAsync(list, BodyHandlers.ofString()));
            }
            assertThat(many).allSatisfy(each -> assertThat(each.join().body()).isEqualTo("first"));
        }
    }

    @Test
    void attestedSessionsGoOnBesideIt() throws Exception {
        try (RunningEnclave enclave = start();
                Client session = enclave.connect()) {
            assertThat(session.claims().platform()).isEqualTo("process");
        }
    }

    @Test
    void aTrustThatIsNotMetSendsNothing() throws Exception {
        try (RunningEnclave enclave = start()) {
            Bytes signer = Bytes.of(developer.publicKey().id().toArray());
            Trust right = Trust.signer(signer, 9, 1).on(enclave.anchor()).allowSameUser();
            List<SSLContext> wrong = List.of(
                    Trust.signer(signer, 9, 2).on(enclave.anchor()).allowSameUser().sslContext(),
                    Trust.signer(signer, 8, 1).on(enclave.anchor()).allowSameUser().sslContext(),
                    Trust.signer(Bytes.sha256(new byte[1]), 9, 1).on(enclave.anchor()).allowSameUser().sslContext(),
                    Trust.signer(signer, 9, 1).on(enclave.anchor()).sslContext(),
                    Trust.signer(signer, 9, 1).allowSameUser().sslContext());
            for (SSLContext context : wrong) {
                try (HttpClient http = client(context)) {
                    HttpRequest add = to(enclave.address(), "/notes").POST(BodyPublishers.ofString("leaked")).build();
                    assertThatThrownBy(() -> http.send(add, BodyHandlers.discarding())).hasRootCauseInstanceOf(SessionRefusedException.class);
                }
            }
            try (HttpClient http = client(SSLContext.getDefault())) {
                HttpRequest add = to(enclave.address(), "/notes").POST(BodyPublishers.ofString("leaked")).build();
                assertThatThrownBy(() -> http.send(add, BodyHandlers.discarding())).isInstanceOf(IOException.class);
            }
            try (HttpClient http = client(right.sslContext())) {
                HttpRequest list = to(enclave.address(), "/notes").GET().build();
                assertThat(http.send(list, BodyHandlers.ofString()).body()).as("nothing came of the refused ones").isEmpty();
            }
        }
    }

    @Test
    void theServiceIsReachedThroughTheEnclaveOnly() throws Exception {
        try (RunningEnclave enclave = start();
                HttpClient http = client(enclave.trust().sslContext())) {
            HttpRequest list = to(enclave.address(), "/notes").GET().build();
            assertThat(http.send(list, BodyHandlers.ofString()).statusCode()).isEqualTo(200);

            // The service listens on this very port, but on a loopback address that is not this machine's.
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> {
                try (Socket direct = new Socket(InetAddress.getLoopbackAddress(), PORT)) {
                    direct.getOutputStream().write("GET /notes HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    if (!new String(direct.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).contains("Helidon")) {
                        throw new IOException("another program's server");
                    }
                }
            });
        }
    }

    @Test
    void theHostCarriesCiphertext() throws Exception {
        String secret = "a note that nobody outside may read";
        try (RunningEnclave enclave = start();
                Recorder recorder = new Recorder(enclave.address());
                HttpClient http = client(enclave.trust().sslContext())) {
            HttpRequest echo = to(recorder.address(), "/echo").POST(BodyPublishers.ofString(secret)).build();
            assertThat(http.send(echo, BodyHandlers.ofString()).body()).isEqualTo(secret);

            assertThat(recorder.seen()).hasSizeGreaterThan(1000);
            assertThat(new String(recorder.seen(), StandardCharsets.ISO_8859_1)).doesNotContain(secret).doesNotContain("HTTP/1.1");
        }
    }

    /** What a host sees that carries one connection. */
    private static final class Recorder implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

        Recorder(InetSocketAddress enclave) throws IOException {
            Thread.ofVirtual().start(() -> {
                try (Socket client = listener.accept();
                        Socket inside = new Socket(enclave.getAddress(), enclave.getPort())) {
                    Thread up = Thread.ofVirtual().start(() -> carry(client, inside));
                    carry(inside, client);
                    up.join();
                } catch (IOException e) {
                    // The test sees what is missing.
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        private void carry(Socket from, Socket to) {
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] buffer = new byte[1 << 14];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    synchronized (seen) {
                        seen.write(buffer, 0, count);
                    }
                    out.write(buffer, 0, count);
                }
                to.shutdownOutput();
            } catch (IOException e) {
                // The end of it.
            }
        }

        InetSocketAddress address() {
            return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
        }

        byte[] seen() {
            synchronized (seen) {
                return seen.toByteArray();
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
