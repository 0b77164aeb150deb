package org.innerkeep.cli.leakcheck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.makers.FakeTokenService.quoted;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.FileHandler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.cli.keys.KeysCommand;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.innerkeep.vault.VaultPart;
import org.innerkeep.vault.key.IdentityKeys;
import org.innerkeep.vault.key.KeySecret;
import org.innerkeep.vault.key.KeyType;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.LoggedKeyStore;
import org.innerkeep.vault.key.VaultKey;
import org.innerkeep.vault.master.MasterKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/**
 * Every secret of a vault, through all that is done with keys, is sought in what the vault writes, says and logs, and in what goes between
 * it and everybody, as whoever ends the TLS sees it. The one place where a secret is in the clear inside TLS is an import, which has a
 * wire of its own here, and shows that wires are read.
 */
final class VaultCanaryTest {
    private static final StrictJson JSON = StrictJson.upTo(8 << 20);
    private static final Bytes SIGNER = Bytes.sha256(new byte[] {1});
    private static final String API = "?api-version=2025-07-01";

    private final SecureRandom random = new SecureRandom();
    private final KeyPair keeper = Authority.ecKeys("secp256r1");
    private final KeyPair target = Authority.rsaKeys(2048);
    private final FakeTokenService service = new FakeTokenService("https://attest.example", Algorithm.RS256, Instant.now());
    private final Canaries canaries = new Canaries();
    // Kept, since a logger that nobody holds is forgotten with its level.
    private final Logger root = Logger.getLogger("");
    private final Logger ours = Logger.getLogger("org.innerkeep");

    @TempDir
    private Path folder;

    private RunningService running;
    private FileHandler logs;
    private HttpClient client;
    private Tap owners;
    private Tap imports;
    private Tap enclaves;
    private String adminKey;
    private int answers;

    @BeforeEach
    void prepare() throws Exception {
        for (String each : List.of("elsewhere", "seen", "imports")) {
            Files.createDirectory(folder.resolve(each));
        }
        logs = new FileHandler(folder.resolve("seen/log").toString(), true);
        logs.setFormatter(new SimpleFormatter());
        logs.setLevel(Level.ALL);
        root.addHandler(logs);
        ours.setLevel(Level.ALL);
        start("first");
    }

    @AfterEach
    void end() {
        ours.setLevel(null);
        root.removeHandler(logs);
        logs.close();
    }

    private void start(String name) throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Files.write(folder.resolve("keys.json"), service.keySet());
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("folder", folder.resolve("state").toString());
        settings.put("listen", "127.0.0.1:" + port);
        settings.put("plain-http", "true");
        settings.put("token-algorithm", "ES256");
        settings.put("keeper-anchor",
                Files.writeString(folder.resolve("keeper.anchor"), KeeperAnchor.of(keeper.getPublic()).toString()).toString());
        settings.put("vault-master-key-file", folder.resolve("elsewhere/vault.key").toString());
        settings.put("vault-address", "https://vault.example");
        settings.put("vault-authorities", Files.writeString(folder.resolve("authorities.json"),
                "{\"authorities\":[{\"name\":\"pinned\",\"issuer\":\"https://attest.example\",\"keys\":\"keys.json\"}]}").toString());
        running = RunningService.start(
                ServiceConfiguration.of(settings), RunningService.Clocks.ofSystem(), List.of(new VaultPart()));
        adminKey = Files.readString(running.adminKeyFile().orElseThrow()).strip();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        owners = new Tap(port, folder.resolve("seen/owners-wire-" + name));
        enclaves = new Tap(port, folder.resolve("seen/enclaves-wire-" + name));
        imports = new Tap(port, folder.resolve("imports/wire-" + name));
    }

    private void stop(String name) throws IOException {
        // With the write-ahead log, which is gone once the store is closed.
        copy(folder.resolve("state"), folder.resolve("seen/state-" + name));
        assertThat(folder.resolve("seen/state-" + name + "/store.db-wal")).isNotEmptyFile();
        client.close();
        owners.close();
        enclaves.close();
        imports.close();
        running.close();
        copy(folder.resolve("state"), folder.resolve("seen/closed-" + name));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                Files.copy(each, to.resolve(each.getFileName()));
            }
        }
    }

    private byte[] send(Tap by, int status, String method, String path, String type, byte[] body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + by.port() + path))
                .timeout(Duration.ofSeconds(60))
                .method(method, type.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        request.header("Authorization", "Bearer " + adminKey);
        HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        Files.write(folder.resolve("seen/answer-" + answers++), answer.body());
        assertThat(answer.statusCode()).as(method + " " + path + ": " + new String(answer.body(), UTF_8)).isEqualTo(status);
        return answer.body();
    }

    private JsonNode owner(String method, String path, String body) throws Exception {
        return JSON.read("answer", send(owners, 200, method, path, body.isEmpty() ? "" : "application/json", body.getBytes(UTF_8)));
    }

    private byte[] attest(byte[] reportData, long version) {
        Bytes[] parts = {Bytes.sha256(new byte[] {2}), Bytes.sha256(new byte[] {3}), Bytes.sha256(new byte[] {4})};
        return new KeeperReport(
                        KeeperReport.PROCESS,
                        KeeperReport.processMeasurement(KeeperReport.PROCESS, parts[0], parts[1], parts[2]),
                        parts[0],
                        parts[1],
                        parts[2],
                        SIGNER,
                        7,
                        version,
                        false,
                        KeeperReport.Isolation.SEPARATE_USER,
                        Confinement.NONE,
                        Bytes.fromHex("000102030405060708090a0b0c0d0e0f"),
                        Bytes.of(reportData),
                        Instant.now())
                .sign(keeper.getPrivate(), keeper.getPublic());
    }

    private void grant(String key) throws Exception {
        owner("POST", "/vault/keys/" + key + "/grants", "{\"signer\":\"" + SIGNER.hex() + "\",\"productId\":7,\"leastVersion\":3,"
                + "\"platforms\":[\"process\"],\"memoryReadableBy\":\"root\"}");
    }

    private byte[] sealedTo(String key) throws Exception {
        String recipient = new String(send(owners, 200, "GET", "/vault/keys/" + key + "/recipient", "", new byte[0]), UTF_8).strip();
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        SealedFile.seal(new ByteArrayInputStream("text".getBytes(UTF_8)), sealed, List.of(Recipient.parse(recipient)), random);
        return sealed.toByteArray();
    }

    /** The whole way of a file key; it is sought from then on. Of an older version of the code, it is refused. */
    private void release(String key, byte[] sealed, long version) throws Exception {
        VaultAnchor anchor = VaultAnchor.parse(owner("GET", "/vault", "").path("vault").stringValue());
        byte[] challenge = send(enclaves, 200, "POST", "/vault/challenges", "", new byte[0]);
        try (PendingRelease pending = PendingRelease.begin(
                anchor, challenge, key, SealedFile.header(new ByteArrayInputStream(sealed)), Optional.empty(), random)) {
            byte[] answer = send(enclaves, version >= 3 ? 200 : 403, "POST", "/vault/keys/" + key + "/file-key", "application/cbor",
                    pending.call(attest(pending.reportData(), version), List.of()));
            if (version >= 3) {
                try (ReleasedKey released = pending.accept(answer, 1)) {
                    canaries.key("file key of " + key, released.fileKey().exposeSecretBytes());
                }
            }
        }
    }

    private static String policy(String signer) {
        return "\"release_policy\":{\"data\":\"" + Base64Text.url(("{\"version\":\"1.0.0\",\"anyOf\":[{\"authority\":"
                + "\"https://attest.example\",\"allOf\":[{\"claim\":\"x-ms-sgx-mrsigner\",\"equals\":\"" + signer + "\"}]}]}")
                .getBytes(UTF_8)) + "\"},\"attributes\":{\"exportable\":true}";
    }

    /** A whole key, wrapped to a key in the evidence behind a token. */
    private byte[] releaseWhole(String key, int status) throws Exception {
        String nonce = JSON.read("challenge", send(enclaves, 200, "POST", "/challenges", "", new byte[0])).path("nonce").stringValue();
        BigInteger modulus = ((RSAPublicKey) target.getPublic()).getModulus();
        Map<String, String> claims = new LinkedHashMap<>(service.azureSgx(Instant.now()));
        claims.put("x-ms-runtime", "{\"keys\":[{\"kid\":\"target\",\"kty\":\"RSA\",\"key_ops\":[\"encrypt\"],\"n\":\""
                + Base64Text.url(Arrays.copyOfRange(modulus.toByteArray(), 1, 257)) + "\",\"e\":\"AQAB\"}],\"nonce\":" + quoted(nonce) + "}");
        String token = new String(service.sign(service.header(), claims), UTF_8);
        byte[] answer = send(enclaves, status, "POST", "/keys/" + key + "//release" + API, "application/json",
                ("{\"target\":\"" + token + "\",\"enc\":\"RSA_AES_KEY_WRAP_256\"}").getBytes(UTF_8));
        if (status != 200) {
            return answer;
        }
        String[] parts = JSON.read("answer", answer).path("value").stringValue().split("\\.", -1);
        JsonNode payload = JSON.read("payload", Base64Text.url("payload", parts[1]));
        byte[] blob = Base64Text.url("key_hsm", payload.path("response").path("key").path("key").path("key_hsm").stringValue());
        return unwrap(Base64Text.url("ciphertext", JSON.read("key_hsm", blob).path("ciphertext").stringValue()));
    }

    private byte[] unwrap(byte[] wrapped) throws Exception {
        Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
        rsa.init(Cipher.DECRYPT_MODE, target.getPrivate(),
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        Cipher aes = Cipher.getInstance("AES/KWP/NoPadding");
        aes.init(Cipher.DECRYPT_MODE, new SecretKeySpec(rsa.doFinal(wrapped, 0, 256), "AES"));
        return aes.doFinal(wrapped, 256, wrapped.length - 256);
    }

    /** Runs a command; what it says is kept for the search. */
    private int command(String... arguments) throws IOException {
        StringWriter out = new StringWriter();
        PrintWriter to = new PrintWriter(out, true);
        int exitCode = new CommandLine(new KeysCommand()).setOut(to).setErr(to).execute(arguments);
        Files.writeString(folder.resolve("seen/said-" + answers++), out.toString());
        return exitCode;
    }

    private WrappingKey master(AttestationStore store) throws IOException {
        ServiceConfiguration settings = ServiceConfiguration.of(Map.of(
                "folder", folder.resolve("state").toString(),
                "vault-master-key-file", folder.resolve("elsewhere/vault.key").toString()));
        return MasterKey.open(settings, Optional.empty(), store.further(), true, random).key();
    }

    /** What is in the store, opened by the master key. */
    private void seekWhatTheStoreHolds() throws Exception {
        int found = 0;
        try (AttestationStore store = AttestationStore.open(StoreOptions.of(
                        new StoreLocation.Sqlite(folder.resolve("state/store.db")), LogKey.read(folder.resolve("state/log.key"))));
                LoggedKeyStore keys = LoggedKeyStore.open(store.further(), master(store), random)) {
            for (VaultKey key : keys.list(false, "", 100).keys()) {
                for (KeyVersion version : key.versions()) {
                    try (KeySecret secret = keys.open(key.name(), version)) {
                        String name = key.name() + " version " + version.id().substring(0, 8);
                        if (version.type() == KeyType.OCT) {
                            canaries.key(name, secret.expose());
                        } else {
                            canaries.identity(name, new String(secret.expose(), UTF_8));
                        }
                        found++;
                    }
                }
            }
            canaries.key("challenge secret", keys.challengeSecret());
        }
        assertThat(found).as("versions of keys").isEqualTo(6);
    }

    private ScanReport scan(Needles needles, String place) {
        return new Scan(needles).of(List.of(new Place.Tree(place, folder.resolve(place))));
    }

    @Test
    void noByteOfAKeyIsInTheStoreTheLogsTheAnswersOrOnTheWire() throws Exception {
        byte[] given = new byte[32];
        random.nextBytes(given);
        String identity;
        String mistyped;
        byte[] wholeFile;
        String backup;
        String wholeBackup;
        try (Identity generated = Identity.generate(KeyKind.CLASSIC, random);
                IdentityKeys made = IdentityKeys.of(generated)) {
            identity = new String(made.version().secret().expose(), UTF_8);
        }
        // One character is wrong: whoever is told so is not told which, nor anything of the rest.
        mistyped = identity.substring(0, 30) + (identity.charAt(30) == 'Q' ? 'P' : 'Q') + identity.substring(31);
        owner("PUT", "/vault/keys/made", "{}");
        owner("PUT", "/vault/keys/short", "{\"kind\":\"classic\"}");
        send(imports, 400, "POST", "/vault/keys/given/import", "text/plain", mistyped.getBytes(UTF_8));
        send(imports, 200, "POST", "/vault/keys/given/import", "text/plain", identity.getBytes(UTF_8));
        Path file = Files.createFile(folder.resolve("mistyped.key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, mistyped + "\n");
        assertThat(command("import", "other", "--identity", file.toString(), "--server", "http://localhost:" + imports.port(),
                "--admin-key-file", running.adminKeyFile().orElseThrow().toString())).isEqualTo(1);
        owner("POST", "/keys/whole-made/create" + API, "{\"kty\":\"oct-HSM\",\"key_size\":256," + policy("51".repeat(32)) + "}");
        String wrong = Base64Text.url(given) + "AAAA";
        send(imports, 400, "PUT", "/keys/whole-given" + API, "application/json",
                ("{\"Hsm\":true,\"key\":{\"kty\":\"oct-HSM\",\"k\":\"" + wrong + "\"}," + policy("51".repeat(32)) + "}").getBytes(UTF_8));
        send(imports, 200, "PUT", "/keys/whole-given" + API, "application/json", ("{\"Hsm\":true,\"key\":{\"kty\":\"oct-HSM\",\"k\":\""
                + Base64Text.url(given) + "\"}," + policy("51".repeat(32)) + "}").getBytes(UTF_8));
        byte[] first = sealedTo("made");
        for (String each : List.of("made", "short", "given")) {
            grant(each);
            release(each, sealedTo(each), 3);
            release(each, sealedTo(each), 2);
        }
        owner("POST", "/vault/keys/made/rotate", "");
        release("made", first, 3);
        release("made", sealedTo("made"), 3);
        assertThat(releaseWhole("whole-given", 200)).isEqualTo(given);
        wholeFile = releaseWhole("whole-made", 200);
        backup = owner("POST", "/vault/keys/made/backup", "").path("backup").stringValue();
        wholeBackup = owner("POST", "/keys/whole-made/backup" + API, "").path("value").stringValue();
        for (String each : List.of("made", "short", "given")) {
            owner("GET", "/vault/keys/" + each, "");
            owner("GET", "/vault/keys/" + each + "/why", "");
            owner("GET", "/vault/keys/" + each + "/log", "");
            assertThat(command("show", each, "--server", "http://localhost:" + owners.port(), "--admin-key-file",
                    running.adminKeyFile().orElseThrow().toString())).isZero();
        }
        owner("GET", "/keys/whole-made" + API, "");
        stop("first");
        seekWhatTheStoreHolds();
        canaries.key("whole key as it was released", wholeFile).identity("given identity", identity).identity("mistyped identity", mistyped)
                .key("given key", given).key("master key", Files.readAllBytes(folder.resolve("elsewhere/vault.key")));

        start("second");
        for (String each : List.of("short", "made", "given")) {
            owner("DELETE", "/vault/keys/" + each, "");
            owner("POST", "/vault/keys/" + each + "/purge", "");
        }
        owner("DELETE", "/keys/whole-made" + API, "");
        send(owners, 204, "DELETE", "/deletedkeys/whole-made" + API, "", new byte[0]);
        JsonNode restored = owner("POST", "/vault/restore", "{\"backup\":\"" + backup + "\"}");
        for (JsonNode version : restored.path("versions").values()) {
            owner("POST", "/vault/keys/made/versions/" + version.path("id").stringValue() + "/enable", "");
        }
        release("made", first, 3);
        owner("POST", "/keys/restore" + API, "{\"value\":\"" + wholeBackup + "\"}");
        releaseWhole("whole-made", 403);
        stop("second");

        Needles needles = canaries.needles();
        controlFindsEveryForm(needles);
        assertThat(scan(needles, "imports").found()).as("on the wire of imports").containsKeys(Form.KEY_TEXT, Form.KEY_BASE64);
        assertThat(scan(needles, "elsewhere").found()).as("the master key, where it belongs").containsEntry(Form.KEY_RAW, 3L);
        ScanReport report = scan(needles, "seen").requireNothing();
        assertThat(report.bytesRead()).isGreaterThan(1 << 20);
        System.out.println("VaultCanaryTest: " + needles.size() + " forms of keys sought in " + report.bytesRead() + " bytes, none found");
    }

    /** Each needle by itself: a search that cannot find one proves nothing of it. */
    private void controlFindsEveryForm(Needles needles) {
        BitSet found = new BitSet();
        new Matcher(needles.patterns()).search().run(Matcher.of(canaries.planted()), (needle, offset) -> found.set(needle));
        assertThat(found.cardinality()).as("forms that were planted and found").isEqualTo(needles.size());
    }
}
