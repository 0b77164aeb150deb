package org.innerkeep.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.channel.release.NotCarriedException;
import org.innerkeep.channel.release.NotCarriedException.Code;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.channel.release.ReleaseResponse;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.channel.release.VaultRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an enclave can make its host do, and what a server can do to the host, over real sockets. */
@Timeout(60)
class HttpCarrierTest {
    private static final Duration LIMIT = Duration.ofMillis(800);

    @TempDir
    private Path folder;

    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private ServerSocket server;
    private volatile Answering answering = out -> out.write(answer(200, "ok"));
    private String address;

    /** What the server does once it has read a request. */
    @FunctionalInterface
    private interface Answering {
        void to(OutputStream out) throws Exception;
    }

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        address = "http://127.0.0.1:" + server.getLocalPort();
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket client = server.accept();
                    Thread.ofVirtual().start(() -> serve(client));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private void serve(Socket client) {
        try (client) {
            requests.add(read(client.getInputStream()));
            answering.to(client.getOutputStream());
            client.getOutputStream().flush();
        } catch (Exception e) {
            // The client has gone away.
        }
    }

    /** A request with its body. */
    private static String read(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("the client went away");
            }
            head.append((char) c);
        }
        String length = head.toString().replaceAll("(?is).*content-length: *([0-9]+).*", "$1");
        int body = length.matches("[0-9]+") ? Integer.parseInt(length) : 0;
        return head + new String(in.readNBytes(body), StandardCharsets.ISO_8859_1);
    }

    private static byte[] answer(int status, String body) {
        return ("HTTP/1.1 " + status + " x\r\nContent-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.ISO_8859_1);
    }

    private HttpCarrier carrier() throws IOException {
        return HttpCarrier.within(VaultAccess.none().to(URI.create(address)).files(folder), LIMIT);
    }

    private static Code codeOf(ThrowingCallable call) {
        return catchThrowableOfType(NotCarriedException.class, call).detail().code();
    }

    @Test
    void carriesTheTwoRequestsThatAVaultTakesFromAnyone() throws Exception {
        VaultCarrier.Answer challenge = carrier().challenge(address);
        assertThat(challenge.status()).isEqualTo(200);
        assertThat(challenge.body()).asString().isEqualTo("ok");
        assertThat(requests.take()).startsWith("POST /vault/challenges HTTP/1.1\r\n").doesNotContainIgnoringCase("content-type");

        answering = out -> out.write(answer(403, "{\"error\":{}}"));
        VaultCarrier.Answer refused = carrier().release(address, "patients", "call".getBytes(StandardCharsets.US_ASCII));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).asString().isEqualTo("{\"error\":{}}");
        assertThat(requests.take())
                .startsWith("POST /vault/keys/patients/file-key HTTP/1.1\r\n")
                .containsIgnoringCase("content-type: application/cbor")
                .endsWith("\r\n\r\ncall");
    }

    @Test
    void anEnclaveReachesNoOtherAddressAndNoOtherPath() throws Exception {
        HttpCarrier carrier = carrier();
        for (String other : List.of(
                address + "/", address.replace("127.0.0.1", "127.0.0.2"), "https://vault.example", "", "file:///etc/passwd",
                address + "/vault", address + "#", address.toUpperCase(Locale.ROOT))) {
            assertThat(codeOf(() -> carrier.challenge(other))).as(other).isEqualTo(Code.NOT_ALLOWED);
        }
        for (String key : List.of("", "..", "../challenges", "a/b", "a?b", "a%2fb", "A", "a b", "a\r\nHost: x", "k".repeat(128))) {
            assertThat(codeOf(() -> carrier.release(address, key, new byte[1]))).as(key).isEqualTo(Code.NOT_ALLOWED);
        }
        assertThat(codeOf(() -> carrier.release(address, "patients", new byte[ReleaseCall.MAX_BYTES + 1]))).isEqualTo(Code.NOT_ALLOWED);
        assertThat(codeOf(() -> HttpCarrier.within(VaultAccess.none()).challenge(address))).isEqualTo(Code.NOT_ALLOWED);
        assertThat(requests).isEmpty();
    }

    @Test
    void aClosedCarrierEndsItsThreadsAndCarriesNothing() throws Exception {
        HttpCarrier closed = carrier();
        closed.challenge(address);
        assertThat(httpThreads()).isPositive();
        closed.close();
        assertThat(codeOf(() -> closed.challenge(address))).isEqualTo(Code.UNREACHABLE);

        // Of those that other tests left to the collector some may end meanwhile, and none begins.
        long before = httpThreads();
        for (int i = 0; i < 8; i++) {
            try (HttpCarrier carrier = carrier()) {
                carrier.challenge(address);
            }
        }
        await(() -> httpThreads() <= before);
    }

    private static long httpThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().startsWith("HttpClient-") && each.getName().endsWith("-SelectorManager"))
                .count();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 100 && !condition.getAsBoolean(); i++) {
            Thread.sleep(50);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        answering = out -> out.write(("HTTP/1.1 307 x\r\nLocation: " + address + "/elsewhere\r\nContent-Length: 0\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        assertThat(carrier().challenge(address).status()).isEqualTo(307);
        requests.take();
        assertThat(requests.poll(200, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void anAnswerThatDripsEndsWithTheWholeTime() throws Exception {
        answering = out -> {
            out.write("HTTP/1.1 200 x\r\nContent-Length: 200\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 200; i++) {
                out.write('x');
                out.flush();
                Thread.sleep(50);
            }
        };
        long begun = System.nanoTime();
        assertThat(codeOf(() -> carrier().challenge(address))).isEqualTo(Code.TOO_LATE);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void anAnswerWithoutEndIsCutOff() throws Exception {
        answering = out -> {
            out.write("HTTP/1.1 200 x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write(new byte[8192]);
            }
        };
        assertThat(codeOf(() -> carrier().challenge(address))).isEqualTo(Code.UNREACHABLE);
        assertThat(codeOf(() -> carrier().release(address, "patients", new byte[1]))).isEqualTo(Code.UNREACHABLE);
        answering = out -> out.write(answer(200, "x".repeat(ReleaseResponse.MAX_BYTES)));
        assertThat(carrier().release(address, "patients", new byte[1]).body()).hasSize(ReleaseResponse.MAX_BYTES);
        answering = out -> out.write(answer(403, "x".repeat(VaultRefusal.MAX_BYTES + 1)));
        assertThat(codeOf(() -> carrier().challenge(address))).isEqualTo(Code.UNREACHABLE);
    }

    @Test
    void whereNobodyAnswersItSaysSo() throws Exception {
        server.close();
        NotCarriedException failure = catchThrowableOfType(NotCarriedException.class, () -> carrier().challenge(address));
        assertThat(failure.detail().code()).isEqualTo(Code.UNREACHABLE);
        assertThat(failure).hasMessageContaining(address);
    }

    @Test
    void noMoreThanSixteenAreCarriedAtOnce() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        answering = out -> {
            go.await();
            out.write(answer(200, "ok"));
        };
        HttpCarrier carrier = HttpCarrier.within(VaultAccess.none().to(URI.create(address)), Duration.ofSeconds(20));
        List<Thread> threads = IntStream.range(0, 16)
                .mapToObj(each -> Thread.ofVirtual().start(() -> {
                    try {
                        carrier.challenge(address);
                    } catch (NotCarriedException e) {
                        throw new AssertionError(e);
                    }
                }))
                .toList();
        for (int i = 0; i < 16; i++) {
            requests.take();
        }
        assertThat(codeOf(() -> carrier.challenge(address))).isEqualTo(Code.BUSY);
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(carrier.challenge(address).status()).isEqualTo(200);
    }

    @Test
    void givesTheOrdinaryFilesOfTheFolderAndNothingElse() throws Exception {
        Path secret = Files.writeString(folder.resolveSibling(folder.getFileName() + "-secret"), "the operator's own");
        try {
            Path sealed = Files.createDirectory(folder.resolve("sealed"));
            Files.writeString(sealed.resolve("patients.age"), "ciphertext");
            Files.writeString(sealed.resolve(".hidden"), "hidden");
            Files.createSymbolicLink(sealed.resolve("link.age"), secret);
            Files.createSymbolicLink(sealed.resolve("dangling"), sealed.resolve("nowhere"));
            Files.createDirectory(sealed.resolve("below"));
            Files.writeString(sealed.resolve("below/deep.age"), "deep");
            Process pipe = new ProcessBuilder("mkfifo", sealed.resolve("pipe").toString()).start();
            assertThat(pipe.waitFor()).isZero();
            HttpCarrier carrier = HttpCarrier.within(VaultAccess.none().files(sealed));
            try (InputStream in = carrier.file("patients.age")) {
                assertThat(in.readAllBytes()).asString().isEqualTo("ciphertext");
            }
            for (String name : List.of("link.age", "dangling", "below", "pipe", "absent")) {
                assertThat(codeOf(() -> carrier.file(name))).as(name).isEqualTo(Code.NO_SUCH_FILE);
            }
            for (String name : List.of("", ".", "..", ".hidden", "../" + secret.getFileName(), "below/deep.age", secret.toString(),
                    "a\\b", "a\0b", "a b", "x".repeat(256), "patients.age/", "é")) {
                assertThat(codeOf(() -> carrier.file(name))).as(name).isEqualTo(Code.NOT_ALLOWED);
            }
        } finally {
            Files.delete(secret);
        }
        assertThat(codeOf(() -> HttpCarrier.within(VaultAccess.none().to(URI.create(address))).file("patients.age")))
                .isEqualTo(Code.NOT_ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://vault.example", "ftp://127.0.0.1", "https://vault.example/x", "https://u@vault.example", "vault"})
    void anOperatorCanNameHttpsAddressesOnly(String vault) {
        assertThatIllegalArgumentException().isThrownBy(() -> VaultAccess.none().to(URI.create(vault)));
    }

    @Test
    void whatAnOperatorNamesWronglyIsSaidAtOnce() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "no certificate");
        assertThatThrownBy(() -> VaultAccess.none().files(file)).isInstanceOf(NotDirectoryException.class);
        VaultAccess access = VaultAccess.none().to(URI.create("https://vault.example"), file);
        assertThatThrownBy(() -> HttpCarrier.within(access)).isInstanceOf(IOException.class).hasMessageContaining("certificates in PEM");
    }
}
