package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code innerkeep serve} as people start it. */
final class ServeCommandTest {
    @TempDir
    private Path folder;

    private static String refused(String... arguments) {
        StringWriter err = new StringWriter();
        int exitCode = Main.commandLine().setErr(new PrintWriter(err, true)).execute(arguments);
        assertThat(exitCode).isEqualTo(Main.USAGE);
        return err.toString();
    }

    @Test
    void aShutdownThatFailsIsNoSuccess() throws Exception {
        StringWriter err = new StringWriter();
        ServeCommand command = new ServeCommand();
        new CommandLine(command).setErr(new PrintWriter(err, true));
        for (boolean stuck : new boolean[] {true, false}) {
            CompletableFuture<Integer> ended = new CompletableFuture<>();
            CountDownLatch signal = new CountDownLatch(1);
            AtomicInteger halted = new AtomicInteger(-1);
            Thread hook = Thread.ofVirtual().start(() -> ServeCommand.endInOrder(signal, ended, halted::set));
            int code = command.serve(
                    () -> {
                        if (stuck) {
                            throw new IllegalStateException("the store is stuck");
                        }
                    },
                    signal::await,
                    ended);
            hook.join();

            assertThat(code).isEqualTo(stuck ? 1 : 0);
            assertThat(halted).hasValue(code);
        }
        assertThat(err.toString()).containsOnlyOnce("error: the store is stuck");
    }

    @Test
    void startsTellsWhatToDoNextAnswersAndEndsByASignal() throws Exception {
        int port = freePort();
        Process process = new ProcessBuilder(
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
                        folder.resolve("state").toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder said = new StringBuilder();
            String line = out.readLine();
            while (line != null && !line.startsWith("  Point a client")) {
                said.append(line).append('\n');
                line = out.readLine();
            }
            assertThat(said).contains("ready").contains("log key").contains("admin key").contains("/certs");
            assertThat(get("http://localhost:" + port + "/readyz").statusCode()).isEqualTo(200);
            String administer = said.toString().lines().filter(each -> each.contains("/policies/")).findFirst().orElseThrow().strip();
            String key = Files.readString(folder.resolve("state/admin.key")).strip();
            assertThat(administer).doesNotContain("$(").doesNotContain(key);
            Optional<String> performed = performed(administer);
            if (performed.isPresent()) {
                assertThat(performed.get()).contains("\"token\"");
            }

            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.isRegularFile(folder.resolve("state/store.db"))).isTrue();
    }

    @Test
    void refusesWhatItCannotServeAndSaysWhyBeforeItMakesAnything() {
        assertThat(refused("serve", "--mode", "shared", "--folder", folder.toString())).contains("'shared' is not offered");
        assertThat(refused("serve", "--listen", "nowhere", "--folder", folder.toString())).contains("HOST:PORT");
        assertThat(refused("serve", "--plain-http", "--listen", "0.0.0.0:8080", "--folder", folder.toString())).contains("loopback");
        assertThat(refused("serve", "--listen", "0.0.0.0:8443", "--folder", folder.toString())).contains("tls-certificate");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void refusesForAnEnclaveWhatWouldDoNothingOrShowNothing() throws Exception {
        String folders = folder.toString();
        assertThat(refused("serve", "--in-enclave", "--folder", folders, "--issuer", "https://vault.example"))
                .contains("issuer").contains("--key");
        Path config = Files.writeString(folder.resolve("vault.properties"), "vault-evidence-age=PT1M\n");
        assertThat(refused("serve", "--in-enclave", "--folder", folders, "--config", config.toString(), "--bundle", "x.enclave"))
                .contains("vault-evidence-age");
        assertThat(refused("serve", "--in-enclave", "--recover", "me.age", "--state", folders, "--folder", folders))
                .contains("--log-key");
        assertThat(refused("serve", "--log-key", "log.anchor", "--folder", folders)).contains("--in-enclave");
    }

    /** What a command prints that was printed for people to copy; nothing where there is no curl. */
    private static Optional<String> performed(String command) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c", command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (shell.waitFor() == 127) {
            System.err.println("SKIPPED: the command that innerkeep serve prints is not performed, for curl is not installed");
            return Optional.empty();
        }
        return Optional.of(out);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static HttpResponse<String> get(String address) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
