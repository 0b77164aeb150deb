package org.innerkeep.vault.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleaseRefusedException;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.channel.release.SignedRecipient;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.vault.VaultPart;
import org.innerkeep.vault.key.IdentityKeys;
import org.innerkeep.vault.release.FakeEnclave;
import org.innerkeep.vault.release.TestVault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The whole way over HTTPS, as {@code innerkeep serve} runs it: an owner, and an enclave that a keeper vouches for. */
class VaultOverHttpsTest {
    private static final StrictJson JSON = StrictJson.upTo(8 << 20);
    private static final String TEXT = "the patients";

    @TempDir
    private Path folder;

    private final FakeEnclave enclave = FakeEnclave.good();
    private final SecureRandom random = new SecureRandom();
    private RunningService running;
    private HttpClient client;
    private String address;
    private String adminKey;
    private VaultAnchor vault;

    @BeforeEach
    void start() throws Exception {
        start(Map.of());
    }

    private void start(Map<String, String> more) throws Exception {
        int port = freePort();
        Path anchor = folder.resolve("keeper.key");
        Files.writeString(anchor, enclave.anchor().toString());
        Map<String, String> settings = new LinkedHashMap<>(Map.of(
                "folder", folder.resolve("state").toString(), "listen", "127.0.0.1:" + port, "keeper-anchor", anchor.toString()));
        settings.putAll(more);
        running = RunningService.start(
                ServiceConfiguration.of(settings), RunningService.Clocks.ofSystem(), List.of(new VaultPart()));
        address = "https://localhost:" + port;
        client = HttpClient.newBuilder().sslContext(trust(running.trialCertificate().orElseThrow())).build();
        adminKey = Files.readString(running.adminKeyFile().orElseThrow()).strip();
        vault = VaultAnchor.parse(json(send("GET", "/vault", "", new byte[0], false)).path("vault").stringValue());
        assertThat(running.said()).containsExactly("vault key    " + vault);
    }

    @AfterEach
    void stop() {
        client.close();
        running.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static SSLContext trust(Path certificate) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("trial", Pem.certificates(certificate).getFirst());
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    private HttpResponse<byte[]> send(String method, String path, String type, byte[] body, boolean asOwner) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(Duration.ofSeconds(60))
                .method(method, type.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        if (asOwner) {
            request.header("Authorization", "Bearer " + adminKey);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static JsonNode json(HttpResponse<byte[]> response) throws Exception {
        return JSON.read("answer", response.body());
    }

    private JsonNode owner(String method, String path, String body) throws Exception {
        HttpResponse<byte[]> response =
                send(method, path, body.isEmpty() ? "" : "application/json", body.getBytes(StandardCharsets.UTF_8), true);
        assertThat(response.statusCode()).as(method + " " + path + ": " + new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return json(response);
    }

    private String grantJson() {
        return "{\"signer\":\"" + FakeEnclave.digest("signer").hex() + "\",\"productId\":7,\"leastVersion\":3,"
                + "\"platforms\":[\"process\"],\"memoryReadableBy\":\"root\",\"leaseSeconds\":900}";
    }

    private byte[] sealedTo(String name) throws Exception {
        HttpResponse<byte[]> recipient = send("GET", "/vault/keys/" + name + "/recipient", "", new byte[0], false);
        assertThat(recipient.statusCode()).isEqualTo(200);
        String text = new String(recipient.body(), StandardCharsets.US_ASCII).strip();
        HttpResponse<byte[]> signed = send("GET", "/vault/keys/" + name + "/signed-recipient", "", new byte[0], false);
        assertThat(SignedRecipient.parse(Base64.getUrlDecoder().decode(new String(signed.body(), StandardCharsets.US_ASCII).strip()))
                        .of(vault, name))
                .contains(text);
        return TestVault.seal(TEXT, Recipient.parse(text));
    }

    private PendingRelease begin(String name, byte[] sealed) throws Exception {
        HttpResponse<byte[]> challenge = send("POST", "/vault/challenges", "", new byte[0], false);
        assertThat(challenge.statusCode()).isEqualTo(200);
        return PendingRelease.begin(vault, challenge.body(), name, TestVault.header(sealed), Optional.empty(), random);
    }

    private HttpResponse<byte[]> release(PendingRelease pending, String name, FakeEnclave asking) throws Exception {
        byte[] call = pending.call(asking.attest(pending.reportData(), Instant.now()), List.of());
        return send("POST", "/vault/keys/" + name + "/file-key", "application/cbor", call, false);
    }

    @Test
    void anOwnerMakesAKeyGrantsItAndAnEnclaveReadsAFile() throws Exception {
        JsonNode key = owner("PUT", "/vault/keys/patients", "{}");
        assertThat(key.path("parameter").stringValue()).isEqualTo("hybrid");
        byte[] sealed = sealedTo("patients");
        JsonNode grant = owner("POST", "/vault/keys/patients/grants", grantJson());

        try (PendingRelease pending = begin("patients", sealed)) {
            HttpResponse<byte[]> response = release(pending, "patients", enclave);
            assertThat(response.statusCode()).isEqualTo(200);
            try (ReleasedKey released = pending.accept(response.body(), 1)) {
                assertThat(TestVault.open(sealed, released)).isEqualTo(TEXT);
                assertThat(released.lease()).contains(Duration.ofMinutes(15));
                assertThat(released.terms().grant()).isEqualTo(grant.path("id").stringValue());
                Receipt receipt = Receipt.parse(released.receipt().toArray());
                assertThat(new LogVerifier(running.logAnchor()).verify(receipt).intact()).isTrue();
            }
        }
        assertThat(owner("GET", "/vault/keys/patients", "").path("grants").get(0).path("used").intValue()).isEqualTo(1);

        owner("DELETE", "/vault/keys/patients/grants/" + grant.path("id").stringValue(), "");
        try (PendingRelease pending = begin("patients", sealed)) {
            HttpResponse<byte[]> response = release(pending, "patients", enclave);
            assertThat(response.statusCode()).isEqualTo(403);
            assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains("REVOKED grant: found revoked at");
        }
        JsonNode why = owner("GET", "/vault/keys/patients/why", "");
        assertThat(why.path("refused").size()).isEqualTo(1);
        assertThat(why.path("refused").get(0).path("reasons").toString()).contains("REVOKED grant");
        assertThat(owner("GET", "/vault/keys/patients/log", "").path("decisions").size()).isEqualTo(2);
        assertThat(owner("GET", "/vault/keys", "").path("keys").get(0).path("name").stringValue()).isEqualTo("patients");
    }

    @Test
    void aChangeHasAReceiptOfTheLogThatTheAttestationServiceHas() throws Exception {
        HttpResponse<byte[]> made = send("PUT", "/vault/keys/patients", "application/json", "{}".getBytes(StandardCharsets.UTF_8), true);
        Receipt receipt = Receipt.parse(
                Base64Text.url("receipt", made.headers().firstValue("x-innerkeep-receipt").orElseThrow()));
        assertThat(receipt.entry().kind()).isEqualTo("key-created");
        assertThat(new LogVerifier(running.logAnchor()).verify(receipt).intact()).isTrue();
        assertThat(send("GET", "/log/receipts/" + receipt.entry().sequence(), "", new byte[0], false).statusCode()).isEqualTo(200);
    }

    @Test
    void nobodyButTheOwnerChangesOrSeesAnything() throws Exception {
        owner("PUT", "/vault/keys/patients", "{}");
        String id = "0".repeat(32);
        for (String[] each : new String[][] {
            {"GET", "/vault/keys"}, {"GET", "/vault/keys/patients"}, {"GET", "/vault/keys/patients/why"},
            {"GET", "/vault/keys/patients/log"}, {"DELETE", "/vault/keys/patients"}, {"POST", "/vault/keys/patients/rotate"},
            {"POST", "/vault/keys/patients/purge"}, {"POST", "/vault/keys/patients/recover"}, {"POST", "/vault/keys/patients/backup"},
            {"DELETE", "/vault/keys/patients/grants/" + id}, {"POST", "/vault/keys/patients/versions/" + id + "/disable"}
        }) {
            assertThat(send(each[0], each[1], "", new byte[0], false).statusCode()).as(each[1]).isEqualTo(401);
        }
        for (String[] each : new String[][] {
            {"PUT", "/vault/keys/other", "application/json"}, {"POST", "/vault/keys/other/import", "text/plain"},
            {"POST", "/vault/keys/patients/grants", "application/json"}, {"POST", "/vault/restore", "application/json"}
        }) {
            assertThat(send(each[0], each[1], each[2], "{}".getBytes(StandardCharsets.UTF_8), false).statusCode())
                    .as(each[1]).isEqualTo(401);
        }
        assertThat(owner("GET", "/vault/keys", "").path("keys").size()).isEqualTo(1);
    }

    @Test
    void grantsThatLeaveSomethingOutAreRefused() throws Exception {
        owner("PUT", "/vault/keys/patients", "{}");
        for (String body : List.of(
                "{}",
                grantJson().replace("\"platforms\":[\"process\"],", ""),
                grantJson().replace(",\"memoryReadableBy\":\"root\"", ""),
                grantJson().replace("\"productId\":7,", ""),
                grantJson().replace("\"process\"", "\"cloud\""),
                grantJson().replace("\"leaseSeconds\":900", "\"leaseSecond\":900"),
                grantJson().replace("\"leaseSeconds\":900", "\"uses\":0"),
                grantJson().replace("\"leaseSeconds\":900", "\"leaseSeconds\":99999999999999999999"),
                grantJson().replace("\"leaseSeconds\":900", "\"policy\":\"permit!\""),
                grantJson().replace("\"leaseSeconds\":900", "\"notAfter\":\"tomorrow\""),
                "[]",
                "{\"signer\":\"zz\"}")) {
            HttpResponse<byte[]> response =
                    send("POST", "/vault/keys/patients/grants", "application/json", body.getBytes(StandardCharsets.UTF_8), true);
            assertThat(response.statusCode()).as(body).isEqualTo(400);
        }
        assertThat(owner("GET", "/vault/keys/patients", "").path("grants").isEmpty()).isTrue();
    }

    @Test
    void keysAreImportedRotatedDisabledDeletedAndRestored() throws Exception {
        try (Identity identity = Identity.generate(KeyKind.CLASSIC, random);
                IdentityKeys made = IdentityKeys.of(identity)) {
            byte[] secret = made.version().secret().expose();
            assertThat(send("POST", "/vault/keys/old/import", "text/plain", secret, true).statusCode()).isEqualTo(200);
            assertThat(new String(send("GET", "/vault/keys/old/recipient", "", new byte[0], false).body(), StandardCharsets.US_ASCII).strip())
                    .isEqualTo(identity.recipient().toString());
        }
        assertThat(send("POST", "/vault/keys/old/import", "text/plain", "AGE-SECRET-KEY-1NO".getBytes(StandardCharsets.US_ASCII), true)
                .statusCode()).isEqualTo(400);
        byte[] sealed = sealedTo("old");
        owner("POST", "/vault/keys/old/grants", grantJson());
        JsonNode rotated = owner("POST", "/vault/keys/old/rotate", "");
        assertThat(rotated.path("versions").size()).isEqualTo(2);
        String first = rotated.path("versions").get(1).path("id").stringValue();
        assertThat(reads("old", sealed)).isTrue();
        owner("POST", "/vault/keys/old/versions/" + first + "/disable", "");
        assertThat(reads("old", sealed)).isFalse();
        owner("POST", "/vault/keys/old/versions/" + first + "/enable", "");
        String backup = owner("POST", "/vault/keys/old/backup", "").path("backup").stringValue();
        owner("DELETE", "/vault/keys/old", "");
        assertThat(reads("old", sealed)).isFalse();
        owner("POST", "/vault/keys/old/purge", "");
        assertThat(send("GET", "/vault/keys/old", "", new byte[0], true).statusCode()).isEqualTo(404);

        JsonNode restored = owner("POST", "/vault/restore", "{\"backup\":\"" + backup + "\"}");
        assertThat(restored.path("versions").get(0).path("enabled").booleanValue()).isFalse();
        assertThat(json(send("GET", "/vault", "", new byte[0], false)).path("epoch").intValue()).isEqualTo(2);
        assertThat(reads("old", sealed)).isFalse();
        owner("POST", "/vault/keys/old/versions/" + first + "/enable", "");
        try (PendingRelease pending = begin("old", sealed);
                ReleasedKey key = pending.accept(release(pending, "old", enclave).body(), 2)) {
            assertThat(key.terms().epoch()).isEqualTo(2);
        }
    }

    private boolean reads(String name, byte[] sealed) throws Exception {
        try (PendingRelease pending = begin(name, sealed)) {
            HttpResponse<byte[]> response = release(pending, name, enclave);
            if (response.statusCode() != 200) {
                assertThat(response.statusCode()).isEqualTo(403);
                return false;
            }
            pending.accept(response.body(), 1).close();
            return true;
        }
    }

    @Test
    void hostileCallsAreRefusedAndAnswered() throws Exception {
        owner("PUT", "/vault/keys/patients", "{}");
        byte[] sealed = sealedTo("patients");
        try (PendingRelease pending = begin("patients", sealed)) {
            byte[] call = pending.call(enclave.attest(pending.reportData(), Instant.now()), List.of());
            for (int length : new int[] {0, 1, 40, call.length / 2, call.length - 1}) {
                assertThat(send("POST", "/vault/keys/patients/file-key", "application/cbor", Arrays.copyOf(call, length), false)
                        .statusCode()).isEqualTo(400);
            }
            assertThat(send("POST", "/vault/keys/other/file-key", "application/cbor", call, false).statusCode()).isEqualTo(400);
            assertThat(send("POST", "/vault/keys/patients/file-key", "application/json", call, false).statusCode()).isEqualTo(415);
            assertThat(send("POST", "/vault/keys/patients/file-key", "application/cbor", new byte[(2 << 20) + 1], false).statusCode())
                    .isEqualTo(413);
            for (String path : List.of("/vault/keys/", "/vault/keys/a_b", "/vault/keys/..", "/vault/keys/a%2fb", "/vault/keys/"
                    + "a".repeat(128), "/vault/keys/a/b/c")) {
                assertThat(send("GET", path, "", new byte[0], true).statusCode()).as(path).isIn(400, 404);
            }
        }
    }

    @Test
    void aStoreThatIsStolenOpensWithItsMasterKeyOnly() throws Exception {
        owner("PUT", "/vault/keys/patients", "{}");
        stop();
        Path state = folder.resolve("state");
        Files.move(state.resolve("vault.key"), folder.resolve("kept.key"));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> start(Map.of()))
                .withMessageContaining("vault.key is missing");
        Path other = Files.write(folder.resolve("other.key"), new byte[32]);
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-------"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> start(Map.of("vault-master-key-file", other.toString())))
                .withMessageContaining("made under another master key");

        Files.move(folder.resolve("kept.key"), state.resolve("vault.key"));
        start(Map.of());
        assertThat(owner("GET", "/vault/keys", "").path("keys").size()).isEqualTo(1);
    }

    @Test
    void anOldStoreThatIsPutBackIsFoundOutAndComesBackDisabledInTheNextLife() throws Exception {
        owner("PUT", "/vault/keys/patients", "{}");
        byte[] sealed = sealedTo("patients");
        String grant = owner("POST", "/vault/keys/patients/grants", grantJson()).path("id").stringValue();
        stop();
        Path state = folder.resolve("state");
        Path copy = Files.copy(state.resolve("store.db"), folder.resolve("store.copy"));
        start(Map.of());
        owner("DELETE", "/vault/keys/patients/grants/" + grant, "");
        assertThat(reads("patients", sealed)).isFalse();
        stop();

        // The store of before the revocation, in which the grant holds.
        for (String each : List.of("store.db", "store.db-wal", "store.db-shm")) {
            Files.deleteIfExists(state.resolve(each));
        }
        Files.copy(copy, state.resolve("store.db"));
        // The service finds it out by its own head of the log; whoever accepts that has not accepted it for the vault.
        Throwable refused = catchThrowable(() -> start(Map.of("vault-restored", "true")));
        assertThat(refused).isInstanceOf(IOException.class).hasMessageContaining("an older copy was restored");
        String accepted = String.valueOf(refused.getMessage()).replaceAll("(?s).*set accept-rollback=([0-9a-f:]+) .*", "$1");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> start(Map.of("accept-rollback", accepted)))
                .withMessageContaining("older than what was seen of it");

        start(Map.of("vault-restored", "true"));
        assertThat(json(send("GET", "/vault", "", new byte[0], false)).path("epoch").intValue()).isEqualTo(2);
        assertThat(reads("patients", sealed)).isFalse();
        JsonNode key = owner("GET", "/vault/keys/patients", "");
        assertThat(key.path("versions").get(0).path("enabled").booleanValue()).isFalse();
        // And an enclave that remembers the second life takes nothing of the first.
        String version = key.path("versions").get(0).path("id").stringValue();
        owner("POST", "/vault/keys/patients/versions/" + version + "/enable", "");
        try (PendingRelease pending = begin("patients", sealed)) {
            byte[] response = release(pending, "patients", enclave).body();
            assertThatExceptionOfType(ReleaseRefusedException.class).isThrownBy(() -> pending.accept(response, 3));
            pending.accept(response, 2).close();
        }
    }

    @Test
    void whoeverHasNoTokenLearnsOfAKeyOnlyThatItCanBeSealedToNow() throws Exception {
        owner("PUT", "/vault/keys/disabled", "{}");
        String version = json(send("GET", "/vault/keys/disabled", "", new byte[0], true)).path("versions").path(0).path("id").stringValue();
        assertThat(recipientOf("disabled")).startsWith("200");
        owner("POST", "/vault/keys/disabled/versions/" + version + "/disable", "");
        owner("PUT", "/vault/keys/deleted", "{}");
        owner("DELETE", "/vault/keys/deleted", "");
        String absent = recipientOf("absent");
        assertThat(absent).startsWith("404");
        assertThat(recipientOf("disabled").replace("disabled", "absent")).isEqualTo(absent);
        assertThat(recipientOf("deleted").replace("deleted", "absent")).isEqualTo(absent);
    }

    private String recipientOf(String name) throws Exception {
        HttpResponse<byte[]> answer = send("GET", "/vault/keys/" + name + "/recipient", "", new byte[0], false);
        return answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8);
    }

    @Test
    void theVaultSurvivesARestartAndCanBeSwitchedOff() throws Exception {
        owner("PUT", "/vault/keys/patients", "{}");
        VaultAnchor before = vault;
        stop();
        start(Map.of());
        assertThat(vault).isEqualTo(before);
        stop();
        int port = freePort();
        running = RunningService.start(
                ServiceConfiguration.of(Map.of(
                        "folder", folder.resolve("state").toString(), "listen", "127.0.0.1:" + port, "vault", "false")),
                RunningService.Clocks.ofSystem(),
                List.of(new VaultPart()));
        address = "https://localhost:" + port;
        client = HttpClient.newBuilder().sslContext(trust(running.trialCertificate().orElseThrow())).build();
        assertThat(send("GET", "/vault", "", new byte[0], false).statusCode()).isEqualTo(404);
    }
}
