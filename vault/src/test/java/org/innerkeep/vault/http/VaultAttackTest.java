package org.innerkeep.vault.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.channel.release.ReleaseRefusedException;
import org.innerkeep.channel.release.ReleaseRequest;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.innerkeep.vault.release.FakeEnclave;
import org.innerkeep.vault.release.TestVault;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever is not granted a file key, and a host between an enclave and its vault, over HTTPS against a vault that runs: no file key comes
 * out, and each refusal says why. Whole keys, by tokens, are attacked in {@code ReleaseAttackTest}; stores that were stolen or put back in
 * {@code VaultRestoreAttackTest}.
 */
class VaultAttackTest {
    private static final String KEY = "trial-q4";
    private static final FakeEnclave ENCLAVE = FakeEnclave.good();

    @TempDir
    private static Path folder;

    private static HttpVault vault;
    private static byte[] sealed;

    private int releasedBefore;

    @BeforeAll
    static void startVault() throws Exception {
        vault = HttpVault.start(folder, ENCLAVE, Map.of());
        vault.owner("PUT", "/vault/keys/" + KEY, "{\"kind\":\"classic\"}");
        vault.grant(KEY);
        sealed = vault.sealedTo(KEY);
    }

    @AfterAll
    static void endVault() {
        vault.close();
    }

    @BeforeEach
    void count() throws Exception {
        releasedBefore = released(KEY);
    }

    @AfterEach
    void theEnclaveThatIsGrantedStillReads() throws Exception {
        // What is refused above is refused for what it is, and not since nothing works.
        try (PendingRelease pending = vault.begin(KEY, sealed);
                ReleasedKey key = pending.accept(vault.release(pending, KEY, ENCLAVE).body(), 1)) {
            assertThat(TestVault.open(sealed, key)).isEqualTo(HttpVault.TEXT);
        }
    }

    /** By the counts of grants, which each release is in. */
    private static int released(String name) throws Exception {
        int used = 0;
        for (var grant : vault.owner("GET", "/vault/keys/" + name, "").path("grants").values()) {
            used += grant.path("used").intValue();
        }
        return used;
    }

    private void nothingCameOut() throws Exception {
        assertThat(released(KEY)).isEqualTo(releasedBefore);
    }

    private static void refused(HttpResponse<byte[]> answer, int status, String reason) {
        assertThat(HttpVault.text(answer)).contains(reason);
        assertThat(answer.statusCode()).as(HttpVault.text(answer)).isEqualTo(status);
    }

    private static void refused(FakeEnclave asking, int status, String reason) throws Exception {
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            HttpResponse<byte[]> answer = vault.release(pending, KEY, asking);
            refused(answer, status, reason);
            assertThatExceptionOfType(ReleaseRefusedException.class).isThrownBy(() -> pending.accept(answer.body(), 1));
        }
    }

    @Test
    void evidenceOfAnotherTimeIsRefused() throws Exception {
        refused(ENCLAVE.age(Duration.ofSeconds(301)), 400, "EVIDENCE_STALE issued-at");
        refused(ENCLAVE.age(Duration.ofDays(365)), 400, "EVIDENCE_STALE issued-at");
        refused(ENCLAVE.age(Duration.ofSeconds(-400)), 400, "EVIDENCE_FROM_FUTURE");
        nothingCameOut();
    }

    @Test
    void evidenceThatNobodyOrSomebodyElseVouchesForIsRefused() throws Exception {
        KeyPair operators = FakeEnclave.newKey();
        refused(ENCLAVE.keeper(operators), 400, "ANCHOR_NOT_PINNED");
        // Under the name of the keeper that is pinned, and by another key.
        KeyPair mixed = new KeyPair(ENCLAVE.keeper().getPublic(), operators.getPrivate());
        refused(ENCLAVE.keeper(mixed), 400, "SIGNATURE_INVALID");
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            byte[] evidence = ENCLAVE.attest(pending.reportData(), Instant.now());
            for (int i = 0; i < evidence.length; i += 23) {
                byte[] changed = evidence.clone();
                changed[i] ^= 1;
                assertThat(vault.post(KEY, pending.call(changed, List.of())).statusCode()).as("byte " + i).isEqualTo(400);
            }
        }
        nothingCameOut();
    }

    @Test
    void noTokenIsTakenForEvidenceWhoeverSignedIt() throws Exception {
        // The service is the operator's. There is no setting by which its tokens could be pinned for file keys.
        FakeTokenService service = new FakeTokenService("https://attest.operator.example", Algorithm.ES256, Instant.now());
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            byte[] token = service.sign(service.header(), service.innerkeep(Instant.now()));
            refused(vault.post(KEY, pending.call(token, List.of())), 400, "evidence");
            refused(vault.post(KEY, pending.call(token, List.of(Bytes.of(service.keySet())))), 400, "");
        }
        nothingCameOut();
    }

    @Test
    void otherEnclavesAreRefusedByTheClaimThatDiffers() throws Exception {
        refused(ENCLAVE.version(2), 403, "VERSION security-version: found 2, wanted 3 or later");
        refused(ENCLAVE.debug(true), 403, "DEBUG debug");
        refused(ENCLAVE.product(8), 403, "PRODUCT product-id: found 8, wanted 7");
        refused(ENCLAVE.signer(FakeEnclave.digest("other")), 403, "SIGNER signer: found ");
        refused(ENCLAVE.sameUser(), 403, "MEMORY memory-readable-by: found host, wanted root at most");
        refused(ENCLAVE.platform(KeeperReport.MOCK), 403, "PLATFORM platform: found mock");
        refused(ENCLAVE.platform(KeeperReport.VM), 403, "PLATFORM platform: found vm");
        nothingCameOut();
    }

    @Test
    void aRequestIsForOneVaultOneKeyAndOneTransportKey() throws Exception {
        vault.owner("PUT", "/vault/keys/other", "{\"kind\":\"classic\"}");
        vault.grant("other");
        try (PendingRelease pending = vault.begin(KEY, sealed);
                PendingRelease hosts = vault.begin(KEY, sealed)) {
            ReleaseCall call = ReleaseCall.parse(vault.call(pending, ENCLAVE));
            refused(vault.post("other", call.toByteArray()), 400, "it names another key than the address does");
            ReleaseRequest of = call.request();
            // The host's transport key, in the enclave's request and behind its evidence.
            ReleaseRequest stolen = new ReleaseRequest(
                    of.nonce(), of.vault(), of.key(), of.header(), hosts.request().transportKey(), of.job());
            refused(vault.post(KEY, new ReleaseCall(stolen, call.evidence(), List.of()).toByteArray()), 400, "REPORT_DATA_MISMATCH");
            ReleaseRequest elsewhere = new ReleaseRequest(
                    of.nonce(), FakeEnclave.digest("another vault"), of.key(), of.header(), of.transportKey(), of.job());
            refused(vault.post(KEY, new ReleaseCall(elsewhere, call.evidence(), List.of()).toByteArray()), 400, "it is for the vault");
        }
        nothingCameOut();
    }

    @Test
    void aRequestThatIsSentAgainGetsNothing() throws Exception {
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            byte[] call = vault.call(pending, ENCLAVE);
            pending.accept(vault.post(KEY, call).body(), 1).close();
            for (int i = 0; i < 3; i++) {
                refused(vault.post(KEY, call), 400, "challenge: it was answered before");
            }
        }
        assertThat(released(KEY)).isEqualTo(releasedBefore + 1);
    }

    @Test
    void ofOneRequestSentByManyAtOnceOneIsAnswered() throws Exception {
        try (PendingRelease pending = vault.begin(KEY, sealed)) {
            byte[] call = vault.call(pending, ENCLAVE);
            List<Callable<Integer>> tries = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                tries.add(() -> vault.post(KEY, call).statusCode());
            }
            List<Integer> statuses = new ArrayList<>();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Integer> each : threads.invokeAll(tries)) {
                    statuses.add(each.get());
                }
            }
            assertThat(statuses).containsOnly(200, 400).containsOnlyOnce(200);
        }
        assertThat(released(KEY)).isEqualTo(releasedBefore + 1);
    }

    @Test
    void aResponseThatIsReplayedOrExchangedIsNotAccepted() throws Exception {
        try (PendingRelease first = vault.begin(KEY, sealed);
                PendingRelease second = vault.begin(KEY, sealed)) {
            byte[] old = vault.release(first, KEY, ENCLAVE).body();
            byte[] own = vault.release(second, KEY, ENCLAVE).body();
            refused(second, old, ReleaseRefusedException.Code.OTHER_REQUEST, "it was replayed or mixed up");
            refused(first, own, ReleaseRefusedException.Code.OTHER_REQUEST, "it was replayed or mixed up");
            second.accept(own, 1).close();
        }
    }

    private static void refused(PendingRelease pending, byte[] response, ReleaseRefusedException.Code code, String reason) {
        assertThatExceptionOfType(ReleaseRefusedException.class)
                .isThrownBy(() -> pending.accept(response, 1))
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aHostThatPutsAnotherVaultInThePlaceOfThePinnedOneGetsNowhere(@TempDir Path elsewhere) throws Exception {
        // The host runs a vault of its own, with a key of the same name that it grants to the enclave, and gives its own file.
        try (HttpVault hosts = HttpVault.start(elsewhere, ENCLAVE, Map.of())) {
            hosts.owner("PUT", "/vault/keys/" + KEY, "{\"kind\":\"classic\"}");
            hosts.grant(KEY);
            byte[] planted = hosts.sealedTo(KEY);

            byte[] challenge = hosts.challenge();
            assertThatExceptionOfType(ReleaseRefusedException.class)
                    .isThrownBy(() -> vault.begin(KEY, planted, challenge))
                    .withMessageContaining("the host asked another vault")
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ReleaseRefusedException.Code.OTHER_VAULT));
            try (PendingRelease mine = vault.begin(KEY, planted);
                    PendingRelease theirs = hosts.begin(KEY, planted)) {
                refused(hosts.post(KEY, vault.call(mine, ENCLAVE)), 400, "it is for the vault");
                byte[] response = hosts.release(theirs, KEY, ENCLAVE).body();
                theirs.accept(response, 1).close();
                refused(mine, response, ReleaseRefusedException.Code.NOT_SIGNED, "not signed by the vault that is pinned");
            }
            // And the owner's file is nothing to the host's vault.
            try (PendingRelease theirs = hosts.begin(KEY, sealed)) {
                refused(hosts.release(theirs, KEY, ENCLAVE), 403, "no version of the key opens the file");
            }
        }
        nothingCameOut();
    }

    @Test
    void aBackupFromBeforeARevocationDoesNotBringTheGrantBack() throws Exception {
        vault.owner("PUT", "/vault/keys/saved", "{\"kind\":\"classic\"}");
        byte[] file = vault.sealedTo("saved");
        String grant = vault.grant("saved");
        assertThat(vault.reads("saved", file, ENCLAVE)).isTrue();
        String backup = vault.owner("POST", "/vault/keys/saved/backup", "").path("backup").stringValue();
        vault.owner("DELETE", "/vault/keys/saved/grants/" + grant, "");
        vault.owner("DELETE", "/vault/keys/saved", "");
        vault.owner("POST", "/vault/keys/saved/purge", "");

        var restored = vault.owner("POST", "/vault/restore", "{\"backup\":\"" + backup + "\"}");
        String version = restored.path("versions").get(0).path("id").stringValue();
        vault.owner("POST", "/vault/keys/saved/versions/" + version + "/enable", "");

        try (PendingRelease pending = vault.begin("saved", file)) {
            refused(vault.release(pending, "saved", ENCLAVE), 403, "REVOKED grant");
        }
    }

    @Test
    void grantsThatSomebodyPutsBackOrExchangesInTheDatabaseAreNotUsed() throws Exception {
        vault.owner("PUT", "/vault/keys/open", "{\"kind\":\"classic\"}");
        String grant = vault.grant("open");
        vault.owner("PUT", "/vault/keys/shut", "{\"kind\":\"classic\"}");
        byte[] file = vault.sealedTo("open");
        byte[] shutFile = vault.sealedTo("shut");
        byte[] granted = document("open");
        vault.owner("DELETE", "/vault/keys/open/grants/" + grant, "");
        byte[] revoked = document("open");
        byte[] shut = document("shut");

        // The one of before the revocation, and the granted one in the place of another that nobody was granted.
        setDocument("open", granted);
        setDocument("shut", granted);
        for (Map.Entry<String, byte[]> each : Map.of("open", file, "shut", shutFile).entrySet()) {
            try (PendingRelease pending = vault.begin(each.getKey(), each.getValue())) {
                refused(vault.release(pending, each.getKey(), ENCLAVE), 503, "its store cannot be used");
            }
        }

        setDocument("open", revoked);
        setDocument("shut", shut);
        try (PendingRelease pending = vault.begin("open", file)) {
            refused(vault.release(pending, "open", ENCLAVE), 403, "REVOKED grant");
        }
        assertThat(released("open") + released("shut")).isZero();
    }

    private static Connection database() throws Exception {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("state/store.db"));
    }

    private static byte[] document(String name) throws Exception {
        try (Connection connection = database();
                PreparedStatement query = connection.prepareStatement("SELECT body FROM document WHERE kind = 'vault-key' AND name = ?")) {
            query.setString(1, name);
            try (ResultSet found = query.executeQuery()) {
                assertThat(found.next()).isTrue();
                return found.getBytes(1);
            }
        }
    }

    private static void setDocument(String name, byte[] body) throws Exception {
        try (Connection connection = database();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE document SET body = ? WHERE kind = 'vault-key' AND name = ?")) {
            update.setBytes(1, body);
            update.setString(2, name);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    @Test
    void whoeverProvesNothingLearnsNothingOfKeys() throws Exception {
        FakeEnclave stranger = ENCLAVE.keeper(FakeEnclave.newKey());
        String there;
        String absent;
        try (PendingRelease one = vault.begin(KEY, sealed);
                PendingRelease other = vault.begin("no-such-key", sealed)) {
            there = HttpVault.text(vault.release(one, KEY, stranger));
            absent = HttpVault.text(vault.release(other, "no-such-key", stranger));
        }
        String ids = "[0-9a-f]{8,}…?";
        assertThat(there.replaceAll(ids, "")).isEqualTo(absent.replaceAll(ids, "")).contains("ANCHOR_NOT_PINNED");
        assertThat(there).doesNotContain(KEY);
        nothingCameOut();
    }
}
