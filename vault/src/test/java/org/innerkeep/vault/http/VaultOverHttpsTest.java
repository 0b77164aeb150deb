package org.innerkeep.vault.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleaseRefusedException;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.channel.release.VaultAnchor;
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
    @TempDir
    private Path folder;

    private final FakeEnclave enclave = FakeEnclave.good();
    private HttpVault vault;

    @BeforeEach
    void start() throws Exception {
        start(Map.of());
    }

    private void start(Map<String, String> more) throws Exception {
        vault = HttpVault.start(folder, enclave, more);
        assertThat(vault.running().said()).first().isEqualTo("vault key    " + vault.anchor());
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    @Test
    void anOwnerMakesAKeyGrantsItAndAnEnclaveReadsAFile() throws Exception {
        JsonNode key = vault.owner("PUT", "/vault/keys/patients", "{}");
        assertThat(key.path("parameter").stringValue()).isEqualTo("hybrid");
        byte[] sealed = vault.sealedTo("patients");
        JsonNode grant = vault.owner("POST", "/vault/keys/patients/grants", HttpVault.grantJson());

        try (PendingRelease pending = vault.begin("patients", sealed)) {
            HttpResponse<byte[]> response = vault.release(pending, "patients", enclave);
            assertThat(response.statusCode()).isEqualTo(200);
            try (ReleasedKey released = pending.accept(response.body(), 1)) {
                assertThat(TestVault.open(sealed, released)).isEqualTo(HttpVault.TEXT);
                assertThat(released.lease()).contains(Duration.ofMinutes(15));
                assertThat(released.terms().grant()).isEqualTo(grant.path("id").stringValue());
                Receipt receipt = Receipt.parse(released.receipt().toArray());
                assertThat(new LogVerifier(vault.running().logAnchor()).verify(receipt).intact()).isTrue();
            }
        }
        assertThat(vault.owner("GET", "/vault/keys/patients", "").path("grants").get(0).path("used").intValue()).isEqualTo(1);

        vault.owner("DELETE", "/vault/keys/patients/grants/" + grant.path("id").stringValue(), "");
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            HttpResponse<byte[]> response = vault.release(pending, "patients", enclave);
            assertThat(response.statusCode()).isEqualTo(403);
            assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains("REVOKED grant: found revoked at");
        }
        JsonNode why = vault.owner("GET", "/vault/keys/patients/why", "");
        assertThat(why.path("refused").size()).isEqualTo(1);
        assertThat(why.path("refused").get(0).path("reasons").toString()).contains("REVOKED grant");
        assertThat(vault.owner("GET", "/vault/keys/patients/log", "").path("decisions").size()).isEqualTo(2);
        assertThat(vault.owner("GET", "/vault/keys", "").path("keys").get(0).path("name").stringValue()).isEqualTo("patients");
    }

    @Test
    void aChangeHasAReceiptOfTheLogThatTheAttestationServiceHas() throws Exception {
        HttpResponse<byte[]> made =
                vault.send("PUT", "/vault/keys/patients", "application/json", "{}".getBytes(StandardCharsets.UTF_8), true);
        Receipt receipt = Receipt.parse(
                Base64Text.url("receipt", made.headers().firstValue("x-innerkeep-receipt").orElseThrow()));
        assertThat(receipt.entry().kind()).isEqualTo("key-created");
        assertThat(new LogVerifier(vault.running().logAnchor()).verify(receipt).intact()).isTrue();
        assertThat(vault.send("GET", "/log/receipts/" + receipt.entry().sequence(), "", new byte[0], false).statusCode()).isEqualTo(200);
    }

    @Test
    void nobodyButTheOwnerChangesOrSeesAnything() throws Exception {
        vault.owner("PUT", "/vault/keys/patients", "{}");
        String id = "0".repeat(32);
        for (String[] each : new String[][] {
            {"GET", "/vault/keys"}, {"GET", "/vault/keys/patients"}, {"GET", "/vault/keys/patients/why"},
            {"GET", "/vault/keys/patients/log"}, {"DELETE", "/vault/keys/patients"}, {"POST", "/vault/keys/patients/rotate"},
            {"POST", "/vault/keys/patients/purge"}, {"POST", "/vault/keys/patients/recover"}, {"POST", "/vault/keys/patients/backup"},
            {"DELETE", "/vault/keys/patients/grants/" + id}, {"POST", "/vault/keys/patients/versions/" + id + "/disable"}
        }) {
            assertThat(vault.send(each[0], each[1], "", new byte[0], false).statusCode()).as(each[1]).isEqualTo(401);
        }
        for (String[] each : new String[][] {
            {"PUT", "/vault/keys/other", "application/json"}, {"POST", "/vault/keys/other/import", "text/plain"},
            {"POST", "/vault/keys/patients/grants", "application/json"}, {"POST", "/vault/restore", "application/json"}
        }) {
            assertThat(vault.send(each[0], each[1], each[2], "{}".getBytes(StandardCharsets.UTF_8), false).statusCode())
                    .as(each[1]).isEqualTo(401);
        }
        assertThat(vault.owner("GET", "/vault/keys", "").path("keys").size()).isEqualTo(1);
    }

    @Test
    void grantsThatLeaveSomethingOutAreRefused() throws Exception {
        vault.owner("PUT", "/vault/keys/patients", "{}");
        for (String body : List.of(
                "{}",
                HttpVault.grantJson().replace("\"platforms\":[\"process\"],", ""),
                HttpVault.grantJson().replace(",\"memoryReadableBy\":\"root\"", ""),
                HttpVault.grantJson().replace("\"productId\":7,", ""),
                HttpVault.grantJson().replace("\"process\"", "\"cloud\""),
                HttpVault.grantJson().replace("\"leaseSeconds\":900", "\"leaseSecond\":900"),
                HttpVault.grantJson().replace("\"leaseSeconds\":900", "\"uses\":0"),
                HttpVault.grantJson().replace("\"leaseSeconds\":900", "\"leaseSeconds\":99999999999999999999"),
                HttpVault.grantJson().replace("\"leaseSeconds\":900", "\"policy\":\"permit!\""),
                HttpVault.grantJson().replace("\"leaseSeconds\":900", "\"notAfter\":\"tomorrow\""),
                "[]",
                "{\"signer\":\"zz\"}")) {
            HttpResponse<byte[]> response =
                    vault.send("POST", "/vault/keys/patients/grants", "application/json", body.getBytes(StandardCharsets.UTF_8), true);
            assertThat(response.statusCode()).as(body).isEqualTo(400);
        }
        assertThat(vault.owner("GET", "/vault/keys/patients", "").path("grants").isEmpty()).isTrue();
    }

    @Test
    void keysAreImportedRotatedDisabledDeletedAndRestored() throws Exception {
        try (Identity identity = Identity.generate(KeyKind.CLASSIC, new SecureRandom());
                IdentityKeys made = IdentityKeys.of(identity)) {
            byte[] secret = made.version().secret().expose();
            assertThat(vault.send("POST", "/vault/keys/old/import", "text/plain", secret, true).statusCode()).isEqualTo(200);
            assertThat(HttpVault.text(vault.get("/vault/keys/old/recipient")).strip())
                    .isEqualTo(identity.recipient().toString());
        }
        assertThat(vault.send("POST", "/vault/keys/old/import", "text/plain", "AGE-SECRET-KEY-1NO".getBytes(StandardCharsets.US_ASCII), true)
                .statusCode()).isEqualTo(400);
        byte[] sealed = vault.sealedTo("old");
        vault.owner("POST", "/vault/keys/old/grants", HttpVault.grantJson());
        JsonNode rotated = vault.owner("POST", "/vault/keys/old/rotate", "");
        assertThat(rotated.path("versions").size()).isEqualTo(2);
        String first = rotated.path("versions").get(1).path("id").stringValue();
        assertThat(vault.reads("old", sealed, enclave)).isTrue();
        vault.owner("POST", "/vault/keys/old/versions/" + first + "/disable", "");
        assertThat(vault.reads("old", sealed, enclave)).isFalse();
        vault.owner("POST", "/vault/keys/old/versions/" + first + "/enable", "");
        String backup = vault.owner("POST", "/vault/keys/old/backup", "").path("backup").stringValue();
        vault.owner("DELETE", "/vault/keys/old", "");
        assertThat(vault.reads("old", sealed, enclave)).isFalse();
        vault.owner("POST", "/vault/keys/old/purge", "");
        assertThat(vault.send("GET", "/vault/keys/old", "", new byte[0], true).statusCode()).isEqualTo(404);

        JsonNode restored = vault.owner("POST", "/vault/restore", "{\"backup\":\"" + backup + "\"}");
        assertThat(restored.path("versions").get(0).path("enabled").booleanValue()).isFalse();
        assertThat(HttpVault.json(vault.send("GET", "/vault", "", new byte[0], false)).path("epoch").intValue()).isEqualTo(2);
        assertThat(vault.reads("old", sealed, enclave)).isFalse();
        vault.owner("POST", "/vault/keys/old/versions/" + first + "/enable", "");
        try (PendingRelease pending = vault.begin("old", sealed);
                ReleasedKey key = pending.accept(vault.release(pending, "old", enclave).body(), 2)) {
            assertThat(key.terms().epoch()).isEqualTo(2);
        }
    }

    @Test
    void hostileCallsAreRefusedAndAnswered() throws Exception {
        vault.owner("PUT", "/vault/keys/patients", "{}");
        byte[] sealed = vault.sealedTo("patients");
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            byte[] call = pending.call(enclave.attest(pending.reportData(), Instant.now()), List.of());
            for (int length : new int[] {0, 1, 40, call.length / 2, call.length - 1}) {
                assertThat(vault.send("POST", "/vault/keys/patients/file-key", "application/cbor", Arrays.copyOf(call, length), false)
                        .statusCode()).isEqualTo(400);
            }
            assertThat(vault.send("POST", "/vault/keys/other/file-key", "application/cbor", call, false).statusCode()).isEqualTo(400);
            assertThat(vault.send("POST", "/vault/keys/patients/file-key", "application/json", call, false).statusCode()).isEqualTo(415);
            assertThat(vault.send("POST", "/vault/keys/patients/file-key", "application/cbor", new byte[(2 << 20) + 1], false).statusCode())
                    .isEqualTo(413);
            for (String path : List.of("/vault/keys/", "/vault/keys/a_b", "/vault/keys/..", "/vault/keys/a%2fb", "/vault/keys/"
                    + "a".repeat(128), "/vault/keys/a/b/c")) {
                assertThat(vault.send("GET", path, "", new byte[0], true).statusCode()).as(path).isIn(400, 404);
            }
        }
    }

    @Test
    void aStoreThatIsStolenOpensWithItsMasterKeyOnly() throws Exception {
        vault.owner("PUT", "/vault/keys/patients", "{}");
        stop();
        Path state = folder.resolve("state");
        Files.move(state.resolve("vault.key"), folder.resolve("kept.key"));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> start(Map.of()))
                .withMessageContaining("vault.key, is missing");
        Path other = Files.write(folder.resolve("other.key"), new byte[32]);
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-------"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> start(Map.of("vault-master-key-file", other.toString())))
                .withMessageContaining("wrapped under another key file");

        Files.move(folder.resolve("kept.key"), state.resolve("vault.key"));
        start(Map.of());
        assertThat(vault.owner("GET", "/vault/keys", "").path("keys").size()).isEqualTo(1);
    }

    @Test
    void anOldStoreThatIsPutBackIsFoundOutAndComesBackDisabledInTheNextLife() throws Exception {
        vault.owner("PUT", "/vault/keys/patients", "{}");
        byte[] sealed = vault.sealedTo("patients");
        String grant = vault.owner("POST", "/vault/keys/patients/grants", HttpVault.grantJson()).path("id").stringValue();
        stop();
        Path state = folder.resolve("state");
        Path copy = Files.copy(state.resolve("store.db"), folder.resolve("store.copy"));
        start(Map.of());
        vault.owner("DELETE", "/vault/keys/patients/grants/" + grant, "");
        assertThat(vault.reads("patients", sealed, enclave)).isFalse();
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
        assertThat(HttpVault.json(vault.send("GET", "/vault", "", new byte[0], false)).path("epoch").intValue()).isEqualTo(2);
        assertThat(vault.reads("patients", sealed, enclave)).isFalse();
        JsonNode key = vault.owner("GET", "/vault/keys/patients", "");
        assertThat(key.path("versions").get(0).path("enabled").booleanValue()).isFalse();
        // And an enclave that remembers the second life takes nothing of the first.
        String version = key.path("versions").get(0).path("id").stringValue();
        vault.owner("POST", "/vault/keys/patients/versions/" + version + "/enable", "");
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            byte[] response = vault.release(pending, "patients", enclave).body();
            assertThatExceptionOfType(ReleaseRefusedException.class).isThrownBy(() -> pending.accept(response, 3));
            pending.accept(response, 2).close();
        }
    }

    /** With which key files and shares a copy of the folder is opened, and what then is of a key that was granted. */
    @Test
    void aCopyWithoutItsMasterKeyOpensFromSharesWithEveryKeyDisabledUnderItsNewestPolicy() throws Exception {
        stop();
        Path state = folder.resolve("state");
        Path shares = Files.createDirectory(folder.resolve("shares"));
        Map<String, String> sharing = Map.of("vault-recovery", "2/3", "vault-recovery-folder", shares.toString());
        start(sharing);
        vault.owner("PUT", "/vault/keys/patients", "{}");
        byte[] sealed = vault.sealedTo("patients");
        String first = vault.owner("POST", "/vault/keys/patients/grants", HttpVault.grantJson()).path("id").stringValue();
        String second = vault.owner("POST", "/vault/keys/patients/grants", HttpVault.grantJson()).path("id").stringValue();
        vault.owner("DELETE", "/vault/keys/patients/grants/" + first, "");
        assertThat(vault.reads("patients", sealed, enclave)).isTrue();
        VaultAnchor before = vault.anchor();
        stop();
        Files.delete(state.resolve("vault.key"));
        Files.delete(state.resolve("vault.witness"));

        // Whoever has the folder and not the shares gets nothing, whatever they set.
        List<Path> papers;
        try (Stream<Path> files = Files.list(shares)) {
            papers = files.sorted().toList();
        }
        for (Map<String, String> each : List.of(
                Map.<String, String>of(),
                Map.of("vault-restored", "true"),
                Map.of("vault-master-key-change", "true"),
                Map.of("vault-recover", "true", "vault-recovery-shares", papers.get(1).toString()))) {
            assertThat(catchThrowable(() -> start(each))).as(each.toString()).isInstanceOfAny(
                    IOException.class, IllegalArgumentException.class);
            assertThat(state.resolve("vault.key")).doesNotExist();
        }

        start(Map.of("vault-recover", "true", "vault-recovery-shares", papers.get(2) + "," + papers.get(0)));
        assertThat(vault.anchor()).isEqualTo(before);
        assertThat(HttpVault.json(vault.get("/vault")).path("epoch").intValue()).isEqualTo(2);
        JsonNode key = vault.owner("GET", "/vault/keys/patients", "");
        assertThat(key.path("versions").get(0).path("enabled").booleanValue()).isFalse();
        assertThat(vault.reads("patients", sealed, enclave)).isFalse();
        stop();

        // The next start needs no shares, and the keys stay disabled until the owner has looked at their grants.
        start(Map.of());
        assertThat(vault.reads("patients", sealed, enclave)).isFalse();
        vault.owner("POST", "/vault/keys/patients/versions/" + key.path("versions").get(0).path("id").stringValue() + "/enable", "");
        assertThat(vault.reads("patients", sealed, enclave)).isTrue();
        JsonNode grants = vault.owner("GET", "/vault/keys/patients", "").path("grants");
        assertThat(grants.get(0).path("id").stringValue()).isEqualTo(first);
        assertThat(grants.get(0).path("revokedAt").isMissingNode()).isFalse();
        assertThat(grants.get(1).path("id").stringValue()).isEqualTo(second);
    }

    @Test
    void aMistakeInASettingIsFoundBeforeAnythingIsMade() throws Exception {
        Path fresh = folder.resolve("fresh");
        for (Map<String, String> each : List.of(
                Map.of("vault-master-key", "paper"), Map.of("vault-recovery", "3/2"), Map.of("vault-evidence-age", "soon"),
                Map.of("vault-accept-tcb", "Revoked"), Map.of("vault-restored", "perhaps"), Map.of("vault-token-age", "long"),
                Map.of("vault-release-key", "x"), Map.of("vault-authorities", folder.resolve("missing").toString()))) {
            Map<String, String> settings = new LinkedHashMap<>(each);
            settings.put("folder", fresh.toString());
            assertThat(catchThrowable(() -> start(settings))).as(each.toString()).isInstanceOfAny(
                    IOException.class, IllegalArgumentException.class);
            try (Stream<Path> made = Files.list(fresh)) {
                assertThat(made).as(each.toString()).isEmpty();
            }
        }
    }

    @Test
    void whoeverHasNoTokenLearnsOfAKeyOnlyThatItCanBeSealedToNow() throws Exception {
        vault.owner("PUT", "/vault/keys/disabled", "{}");
        String version = vault.owner("GET", "/vault/keys/disabled", "").path("versions").path(0).path("id").stringValue();
        assertThat(recipientOf("disabled")).startsWith("200");
        vault.owner("POST", "/vault/keys/disabled/versions/" + version + "/disable", "");
        vault.owner("PUT", "/vault/keys/deleted", "{}");
        vault.owner("DELETE", "/vault/keys/deleted", "");
        String absent = recipientOf("absent");
        assertThat(absent).startsWith("404");
        assertThat(recipientOf("disabled").replace("disabled", "absent")).isEqualTo(absent);
        assertThat(recipientOf("deleted").replace("deleted", "absent")).isEqualTo(absent);
    }

    private String recipientOf(String name) throws Exception {
        HttpResponse<byte[]> answer = vault.get("/vault/keys/" + name + "/recipient");
        return answer.statusCode() + " " + HttpVault.text(answer);
    }

    @Test
    void theVaultSurvivesARestartAndCanBeSwitchedOff() throws Exception {
        vault.owner("PUT", "/vault/keys/patients", "{}");
        VaultAnchor before = vault.anchor();
        stop();
        start(Map.of());
        assertThat(vault.anchor()).isEqualTo(before);
        stop();
        vault = HttpVault.start(folder, enclave, Map.of("vault", "false"));
        assertThat(vault.send("GET", "/vault", "", new byte[0], false).statusCode()).isEqualTo(404);
    }
}
