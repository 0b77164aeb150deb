package org.innerkeep.cli.leakcheck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.cli.CommandLineOf;
import org.innerkeep.cli.files.Folders;
import org.innerkeep.cli.vault.Reader;
import org.innerkeep.cli.vault.ReaderEnclave;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.host.VaultAccess;
import org.innerkeep.keeper.Keeper;
import org.innerkeep.keeper.KeeperSettings;
import org.innerkeep.keeper.LaunchConfiguration;
import org.innerkeep.keeper.Runtimes;
import org.innerkeep.testing.MockEnclaves;
import org.innerkeep.testing.MockIdentity;
import org.innerkeep.testing.MockPlatform;
import org.innerkeep.testing.RunningEnclave;
import org.innerkeep.vault.key.IdentityKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The vault in a real enclave, as its owner packs it, its operator runs it and its owner uses it: a keeper, the operator's
 * command in a process of its own, the owner's commands. The enclave that gets a file is of a mock platform, so that one grant
 * names that.
 */
@Timeout(600)
final class VaultInEnclaveIT {
    private static final MockPlatform READERS = new MockPlatform();
    private static final String TEXT = "the patients";

    private static Path temp;
    private static Keeper keeper;
    private static Path bundle;
    private static Path otherBundle;
    private static SigningKey developer;

    private Path state;
    private int port;

    @BeforeEach
    void name() {
        state = temp.resolve("state");
    }

    @BeforeAll
    static void pack() throws Exception {
        assumeTrue(Files.getOwner(Path.of("/proc/self")).getName().equals("root"),
                "NOT TESTED: the vault in a real enclave needs a keeper of root, which gives enclaves a network of their own");
        temp = Files.createTempDirectory("vin");
        // Enclaves of other users reach their sockets through it, and read nothing else.
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
        keeper = Keeper.open(KeeperSettings.in(temp.resolve("k")), new SecureRandom(), Clock.systemUTC());
        Thread.ofPlatform().daemon().name("keeper").start(() -> {
            try {
                keeper.serve();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        developer = SigningKey.generate(SignerKey.Algorithm.P256);
        developer.write(temp.resolve("developer.pem"));
        Files.writeString(temp.resolve("readers.anchor"), READERS.anchor().toString());
        Files.writeString(temp.resolve("keeper.anchor"), keeper.anchor().toString());
        bundle = pack("vault.enclave", "PT5M");
        otherBundle = pack("other.enclave", "PT6M");
    }

    /** By the built command, as the packed jars are those that it runs from. */
    private static Path pack(String name, String evidenceAge) throws Exception {
        Path config = Files.writeString(temp.resolve(name + ".properties"), "keeper-anchor=" + temp.resolve("readers.anchor")
                + "\n"
                + "token-algorithm=ES256\nvault-evidence-age=" + evidenceAge + "\n");
        Path file = temp.resolve(name);
        Process packing = command("serve", "--in-enclave", "--config", config.toString(), "--folder", temp.resolve("owner")
                .toString(),
                        "--issuer", "https://vault.example", "--key", temp.resolve("developer.pem").toString(), "--bundle",
                                file.toString(),
                        "--pack-only")
                .redirectOutput(temp.resolve(name + ".out").toFile())
                .start();
        assertThat(packing.waitFor()).as(Files.readString(temp.resolve(name + ".out"))).isZero();
        return file;
    }

    @AfterAll
    static void end() throws IOException {
        if (keeper == null) {
            return;
        }
        keeper.close();
        Folders.delete(temp);
    }

    private static ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Path.of(System.getProperty("innerkeep.lib")) + "/*",
                "org.innerkeep.cli.Main"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    private static Measurement measurement(Path file) throws Exception {
        try (var in = Files.newInputStream(file)) {
            Bundle packed = Bundle.inspect(in);
            Bytes runtime = Runtimes.measure(new Runtimes(temp.resolve("k/runtimes")).obtain(packed.manifest().javaModules()));
            return KeeperReport.processMeasurement(
                    KeeperReport.PROCESS, Bytes.of(packed.digest().toArray()), runtime, LaunchConfiguration.of(packed.manifest())
                            .digest());
        }
    }

    /** The operator's command. */
    private final class Host implements AutoCloseable {
        private final Process process;
        private final Path output;

        Host(Path started, Path journal) throws IOException {
            output = Files.createTempFile(temp, "host", ".out");
            process = command("serve", "--in-enclave", "--bundle", started.toString(), "--state", journal.toString(), "--keeper",
                            keeper.socket().toString(), "--folder", temp.resolve("operator").toString(), "--listen", "127.0.0.1:"
                                    + port)
                    .redirectOutput(output.toFile())
                    .start();
        }

        String said() throws IOException {
            return Files.readString(output);
        }

        Host ready() throws Exception {
            while (!said().contains("\nready")) {
                assertThat(process.isAlive()).as(said()).isTrue();
                Thread.sleep(50);
            }
            return this;
        }

        void kill() throws InterruptedException {
            process.destroyForcibly();
            process.waitFor();
        }

        @Override
        public void close() {
            try {
                kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The owner's command. */
    private record Outcome(int code, String said) {}

    private static Outcome owner(List<String> trust, int at, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--server", "https://localhost:" + at));
        if (arguments[0].equals("keys")) {
            all.addAll(List.of("--admin-key-file", temp.resolve("owner/admin.key").toString()));
        }
        all.addAll(trust);
        StringWriter out = new StringWriter();
        PrintWriter to = new PrintWriter(out, true);
        int code = CommandLineOf.innerkeep().setOut(to).setErr(to).execute(all.toArray(String[]::new));
        return new Outcome(code, out.toString());
    }

    private static String done(List<String> trust, int at, String... arguments) {
        Outcome outcome = owner(trust, at, arguments);
        assertThat(outcome.code()).as(List.of(arguments) + ": " + outcome.said()).isZero();
        return outcome.said();
    }

    private static List<String> trust(String measurement) {
        // Root runs keeper and host here, so the host could read the enclave: that must be accepted by name.
        return List.of("--vault-anchor", temp.resolve("keeper.anchor").toString(), "--vault-measurement", measurement,
                "--vault-allow-same-user");
    }

    @Test
    void isVerifiedBeforeAnythingIsSentAndLosesNothingWhateverItsHostDoes() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Measurement measured = measurement(bundle);
        List<String> trusted = trust(measured.toString());
        Canaries canaries = new Canaries();
        Path older = temp.resolve("older");
        try (Host host = new Host(bundle, state).ready()) {
            refusesOthers(measured);
            try (Tap tap = new Tap(port, temp.resolve("carried"))) {
                useIt(trusted, measured, tap.port(), canaries);
            }
            Needles needles = canaries.needles();
            ScanReport report = new Scan(needles)
                    .of(List.of(
                            new Place.Tree("state", state),
                            new Place.Tree("carried", temp.resolve("carried")),
                            new Place.Tree("said", host.output),
                            new Place.Memory("host", host.process.pid())))
                    .requireNothing();
            assertThat(report.bytesRead()).isGreaterThan(16 << 20);
        }
        List<String> acknowledged = killItWhileKeysAreMade(measured);
        copy(state, older);
        try (Host host = new Host(bundle, state).ready()) {
            assertThere(measured, acknowledged);
            done(trusted, port, "keys", "create", "last");
            assertThat(host.said()).contains("vault key    vault-key:");
        }
        try (Host host = new Host(bundle, older)) {
            assertThat(host.process.waitFor()).isEqualTo(1);
            assertThat(host.said()).contains("state OLDER").contains("enclave-accept-state=");
        }
    }

    private void refusesOthers(Measurement measured) throws Exception {
        Path strange = Files.writeString(temp.resolve("strange.anchor"), READERS.anchor().toString());
        String signer = developer.publicKey().id().toString();
        String anchor = temp.resolve("keeper.anchor").toString();
        List<List<String>> wrong = List.of(
                trust(measurement(otherBundle).toString()),
                List.of("--vault-anchor", anchor, "--vault-measurement", measured.toString()),
                List.of("--vault-anchor", strange.toString(), "--vault-measurement", measured.toString(),
                        "--vault-allow-same-user"),
                signed(signer, "1", "2"),
                signed(signer, "2", "1"),
                signed("51".repeat(32), "1", "1"));
        for (List<String> each : wrong) {
            Outcome refused = owner(each, port, "keys", "create", "leaked");
            assertThat(refused.code()).as(refused.said()).isEqualTo(1);
            assertThat(refused.said()).contains("the enclave is refused");
        }
        // Without a word of an enclave, its certificate is nobody's.
        assertThat(owner(List.of(), port, "keys", "create", "leaked").code()).isEqualTo(1);
        assertThat(done(signed(signer, "1", "1"), port, "keys", "list")).contains("no key yet");
    }

    private static List<String> signed(String signer, String product, String least) {
        return List.of("--vault-anchor", temp.resolve("keeper.anchor").toString(), "--vault-signer", signer, "--vault-product",
                product,
                "--vault-svn", least, "--vault-allow-same-user");
    }

    private static void useIt(List<String> trusted, Measurement measured, int at, Canaries canaries) throws Exception {
        Path imported = Files.createFile(temp.resolve("imported.age"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (Identity generated = Identity.generate(KeyKind.CLASSIC, new SecureRandom());
                IdentityKeys made = IdentityKeys.of(generated)) {
            String identity = new String(made.version().secret().expose(), UTF_8);
            Files.writeString(imported, identity + "\n");
            canaries.identity("imported", identity);
        }
        done(trusted, at, "keys", "import", "patients", "--identity", imported.toString());
        canaries.key("admin key", Files.readString(temp.resolve("owner/admin.key")).strip().getBytes(UTF_8));
        Path files = Files.createDirectories(temp.resolve("sealed"));
        Path plain = Files.writeString(temp.resolve("plain.txt"), TEXT);
        done(trusted, at, "seal", "--key", "patients", plain.toString(), "-o", files.resolve("patients.age").toString());
        String granted = done(trusted, at, "keys", "grant", "patients", "--signer", MockIdentity.DEFAULT.signerId().hex(),
                "--product", "1",
                "--least-version", "1", "--platform", "mock", "--memory", "everyone");
        Trust trust = Trust.measurement(measured).on(keeper.anchor()).allowSameUser();
        String key;
        try (HttpClient client = HttpClient.newBuilder().sslContext(trust.sslContext()).build()) {
            key = client.send(HttpRequest.newBuilder(URI.create("https://localhost:" + at + "/vault")).build(),
                    BodyHandlers.ofString()).body();
        }
        Matcher pinned = Pattern.compile("vault-key:[A-Za-z0-9_=+/-]+").matcher(key);
        assertThat(pinned.find()).as(key).isTrue();
        URI address = URI.create("https://localhost:" + at);
        VaultAccess access = VaultAccess.none().to(address, trust).files(files);
        try (RunningEnclave reader = MockEnclaves.of(ReaderEnclave.class).on(READERS).carrying(access).start()) {
            Reader asked = reader.host().bind(Reader.class, Duration.ofMinutes(2));
            assertThat(asked.read(address + "#" + pinned.group(), "patients", "patients.age", Optional.empty()))
                    .isEqualTo(new Reader.Got("", TEXT));
            Matcher grant = Pattern.compile("grant +([0-9a-f]{32})").matcher(granted);
            assertThat(grant.find()).isTrue();
            done(trusted, at, "keys", "revoke", "patients", grant.group(1));
            assertThat(asked.read(address + "#" + pinned.group(), "patients", "patients.age", Optional.empty()).code())
                    .isEqualTo("REFUSED");
        }
    }

    /** At moments of chance: whatever was acknowledged is there, the revocation before it too. */
    private List<String> killItWhileKeysAreMade(Measurement measured) throws Exception {
        Random random = new Random(5);
        List<String> acknowledged = new ArrayList<>();
        String admin = Files.readString(temp.resolve("owner/admin.key")).strip();
        Trust trust = Trust.measurement(measured).on(keeper.anchor()).allowSameUser();
        for (int round = 0; round < 2; round++) {
            try (Host host = new Host(bundle, state).ready();
                    HttpClient client = HttpClient.newBuilder().sslContext(trust.sslContext())
                            .connectTimeout(Duration.ofSeconds(10)).build()) {
                String listed = client.send(
                                request("/vault/keys", admin).GET().build(), BodyHandlers.ofString())
                        .body();
                assertThat(acknowledged).allSatisfy(name -> assertThat(listed).contains("\"" + name + "\""));
                String patients = client.send(request("/vault/keys/patients", admin).GET().build(), BodyHandlers.ofString())
                        .body();
                assertThat(patients).contains("revoked");
                Thread killer = Thread.ofVirtual().start(() -> {
                    try {
                        Thread.sleep(200 + random.nextInt(1500));
                        host.kill();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                for (int i = 0; host.process.isAlive() && i < 500; i++) {
                    String name = "r" + round + "-" + i;
                    HttpRequest make = request("/vault/keys/" + name, admin)
                            .header("Content-Type", "application/json")
                            .PUT(HttpRequest.BodyPublishers.ofString("{\"kind\":\"classic\"}"))
                            .build();
                    try {
                        if (client.send(make, BodyHandlers.discarding()).statusCode() == 200) {
                            acknowledged.add(name);
                        }
                    } catch (IOException e) {
                        break;
                    }
                }
                killer.join();
            }
        }
        assertThat(acknowledged).hasSizeGreaterThan(2);
        return acknowledged;
    }

    private void assertThere(Measurement measured, List<String> acknowledged) throws Exception {
        String admin = Files.readString(temp.resolve("owner/admin.key")).strip();
        Trust trust = Trust.measurement(measured).on(keeper.anchor()).allowSameUser();
        try (HttpClient client = HttpClient.newBuilder().sslContext(trust.sslContext()).build()) {
            for (String name : acknowledged) {
                assertThat(client.send(request("/vault/keys/" + name, admin).GET().build(), BodyHandlers.discarding())
                        .statusCode())
                        .as(name)
                        .isEqualTo(200);
            }
        }
    }

    private HttpRequest.Builder request(String path, String admin) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + port + path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + admin);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path each : files.toList()) {
                Files.copy(each, to.resolve(each.getFileName()));
            }
        }
    }

    /** That the same settings give the same bundle, and others another. */
    @Test
    void whoeverPacksTheSameGetsTheSame() throws Exception {
        Path again = pack("again.enclave", "PT5M");
        assertThat(measurement(again)).isEqualTo(measurement(bundle));
        assertThat(measurement(otherBundle)).isNotEqualTo(measurement(bundle));
    }
}
