package org.innerkeep.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.vault.release.TestVault.OWNER;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.VaultKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody else runs the database, and writes to it what he likes. He has neither the log's key nor the master key, which are files of
 * whoever runs the vault.
 */
class HostileDatabaseTest {
    private static final LogKey LOG_KEY = LogKey.generate();
    private static final KeyName KEY = new KeyName("patients");
    private static final String TEXT = "the patients";
    private static final String VAULT_KEY = "vault-key";

    @TempDir
    private Path folder;

    private final FakeEnclave enclave = FakeEnclave.good();
    private TestVault vault;
    private byte[] sealed;
    private Grant grant;

    @BeforeEach
    void open() throws Exception {
        reopen();
        sealed = TestVault.seal(TEXT, vault.newKey("patients"));
        grant = FakeEnclave.grant();
        vault.keys.grant(KEY, grant, OWNER);
    }

    private void reopen() throws Exception {
        vault = TestVault.open(folder, LOG_KEY, enclave.anchor());
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Connection database() throws Exception {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("store.db"));
    }

    private void execute(String statement, Object... values) throws Exception {
        try (Connection connection = database();
                PreparedStatement prepared = connection.prepareStatement(statement)) {
            for (int i = 0; i < values.length; i++) {
                prepared.setObject(i + 1, values[i]);
            }
            assertThat(prepared.executeUpdate()).as(statement).isPositive();
        }
    }

    /** A whole row, to be put back later. */
    private List<Object> row(String kind) throws Exception {
        try (Connection connection = database();
                PreparedStatement query = connection.prepareStatement(
                        "SELECT version, body, set_by, set_at, sequence, kind FROM document WHERE kind = ?")) {
            query.setString(1, kind);
            try (ResultSet found = query.executeQuery()) {
                assertThat(found.next()).isTrue();
                List<Object> row = new ArrayList<>();
                for (int i = 1; i <= 6; i++) {
                    row.add(found.getObject(i));
                }
                return row;
            }
        }
    }

    private void putBack(List<Object> row) throws Exception {
        execute("UPDATE document SET version = ?, body = ?, set_by = ?, set_at = ?, sequence = ? WHERE kind = ?", row.toArray());
    }

    private Code refused() throws Exception {
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            vault.send(vault.call(pending, enclave));
        } catch (RefusedException e) {
            return e.problem().code();
        }
        throw new AssertionError("it was released");
    }

    private static void assertDamaged(ThrowingCallable call) {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(StoreException.Code.DAMAGED));
    }

    /** No release, no change, and no start of the vault that would make the key usable. */
    private void assertNothingIsReleased() throws Exception {
        assertThat(refused()).isEqualTo(Code.UNAVAILABLE);
        assertDamaged(() -> vault.keys.find(KEY));
        assertDamaged(() -> vault.keys.grant(KEY, FakeEnclave.grant(), OWNER));
        // Another key is as usable as before, and so is the log.
        byte[] other = TestVault.seal("other", vault.newKey("other"));
        vault.keys.grant(new KeyName("other"), FakeEnclave.grant(), OWNER);
        assertThat(vault.read("other", other, enclave)).isEqualTo("other");
        assertThat(vault.keys.list(false, "", 10).unreadable()).containsExactly("patients");
    }

    @Test
    void aRevokedGrantIsNotPutBackWithTheWholeOfItsRow() throws Exception {
        List<Object> granted = row(VAULT_KEY);
        vault.keys.revoke(KEY, grant.id(), OWNER);

        putBack(granted);

        assertNothingIsReleased();
        vault.close();
        assertThatExceptionOfType(StoreException.class).isThrownBy(this::reopen);
    }

    @Test
    void aRowThatIsPutBackWithARewrittenLastLeafIsNotUsedAfterARestart() throws Exception {
        List<Object> granted = row(VAULT_KEY);
        vault.keys.revoke(KEY, grant.id(), OWNER);
        if (vault.store().log().head().orElseThrow().head().size() % 2 != 0) {
            vault.keys.backup(KEY, OWNER);
        }
        vault.close();
        putBack(granted);
        // The last leaf says which versions hold: its hash is not among those that are stored, only that of the pair that it is in.
        long last = lastLeaf();
        LogEntry entry = LogEntry.parse(leaf(last));
        Map<String, Bytes> digests = new HashMap<>(entry.digests());
        digests.put(LogEntry.DOCUMENTS, versions());
        execute("UPDATE log_leaf SET leaf = ? WHERE sequence = ?",
                new LogEntry(entry.sequence(), entry.time(), entry.kind(), entry.subject(), digests).toByteArray(), last);

        assertThatExceptionOfType(StoreException.class).isThrownBy(this::reopen).withMessageContaining("leaf " + last);
    }

    @Test
    void aRowThatIsForgedTogetherWithItsLeafIsNotUsed() throws Exception {
        vault.keys.revoke(KEY, grant.id(), OWNER);
        List<Object> revoked = row(VAULT_KEY);
        byte[] body = (byte[]) revoked.get(1);
        // Whatever he changes in it, such as the state of a grant or what may be exported.
        for (int at : new int[] {8, 20, body.length / 2, body.length - 40, body.length - 1}) {
            byte[] forged = body.clone();
            forged[at] ^= 1;
            forge(forged, ((Number) revoked.get(4)).longValue());
            assertDamaged(() -> vault.keys.find(KEY));
        }
        assertNothingIsReleased();
        vault.close();
        try {
            reopen();
            assertDamaged(() -> vault.keys.find(KEY));
            assertThat(refused()).isEqualTo(Code.UNAVAILABLE);
        } catch (StoreException e) {
            assertThat(e.code()).isIn(StoreException.Code.CORRUPT, StoreException.Code.DAMAGED);
        }
    }

    @Test
    void aRowOfAnEarlierVersionIsNotUsedAsTheNewestWithAForgedLeaf() throws Exception {
        byte[] granted = (byte[]) row(VAULT_KEY).get(1);
        vault.keys.revoke(KEY, grant.id(), OWNER);

        forge(granted, ((Number) row(VAULT_KEY).get(4)).longValue());

        assertNothingIsReleased();
    }

    /** Sets the body, and the leaf's digest of it, so that they fit together. */
    private void forge(byte[] body, long sequence) throws Exception {
        LogEntry entry = LogEntry.parse(leaf(sequence));
        Map<String, Bytes> digests = new HashMap<>(entry.digests());
        digests.put(VAULT_KEY, Bytes.sha256(body));
        execute("UPDATE log_leaf SET leaf = ? WHERE sequence = ?",
                new LogEntry(entry.sequence(), entry.time(), entry.kind(), entry.subject(), digests).toByteArray(), sequence);
        execute("UPDATE document SET body = ? WHERE kind = 'vault-key'", body);
    }

    private byte[] leaf(long sequence) throws Exception {
        try (Connection connection = database();
                PreparedStatement query = connection.prepareStatement("SELECT leaf FROM log_leaf WHERE sequence = ?")) {
            query.setLong(1, sequence);
            try (ResultSet found = query.executeQuery()) {
                assertThat(found.next()).isTrue();
                return found.getBytes(1);
            }
        }
    }

    private long lastLeaf() throws Exception {
        try (Connection connection = database();
                ResultSet found = connection.createStatement().executeQuery("SELECT MAX(sequence) FROM log_leaf")) {
            assertThat(found.next()).isTrue();
            return found.getLong(1);
        }
    }

    /** The digest of all documents' versions, as leaves have it. */
    private Bytes versions() throws Exception {
        List<byte[]> all = new ArrayList<>();
        try (Connection connection = database();
                ResultSet found = connection.createStatement()
                        .executeQuery("SELECT kind, name, version FROM document ORDER BY kind, name")) {
            while (found.next()) {
                all.add(new CborWriter().array(3).text(found.getString(1)).text(found.getString(2)).integer(found.getLong(3))
                        .toByteArray());
            }
        }
        byte[] joined = new CborWriter().array(all.size()).toByteArray();
        for (byte[] each : all) {
            joined = Arrays.copyOf(joined, joined.length + each.length);
            System.arraycopy(each, 0, joined, joined.length - each.length, each.length);
        }
        return Bytes.sha256(joined);
    }

    @Test
    void aPurgedKeyDoesNotComeBackWithItsRow() throws Exception {
        List<Object> whole = row(VAULT_KEY);
        vault.keys.delete(KEY, OWNER);
        vault.keys.purge(KEY, OWNER);

        putBack(whole);

        assertNothingIsReleased();
    }

    @Test
    void aGrantThatIsUsedUpIsNotRenewed() throws Exception {
        vault.keys.revoke(KEY, grant.id(), OWNER);
        vault.keys.grant(KEY, FakeEnclave.grant(OptionalLong.of(2), Optional.empty()), OWNER);
        vault.read("patients", sealed, enclave);
        List<Object> usedOnce = row("vault-uses");
        vault.read("patients", sealed, enclave);
        assertThat(refused()).isEqualTo(Code.FORBIDDEN);

        putBack(usedOnce);
        assertThat(refused()).isEqualTo(Code.UNAVAILABLE);
        execute("DELETE FROM document WHERE kind = 'vault-uses'");
        assertThat(refused()).isEqualTo(Code.UNAVAILABLE);
        vault.close();
        assertThatExceptionOfType(StoreException.class).isThrownBy(this::reopen);
    }

    @Test
    void aRowThatIsTakenAwayIsMissed() throws Exception {
        Bytes backup = vault.keys.backup(KEY, OWNER);
        vault.keys.revoke(KEY, grant.id(), OWNER);
        vault.keys.delete(KEY, OWNER);
        vault.keys.purge(KEY, OWNER);

        execute("DELETE FROM document WHERE kind = 'vault-key'");

        // Without it the backup would bring its own grants, which were revoked since.
        assertDamaged(() -> vault.keys.restore(backup, OWNER));
        assertDamaged(() -> vault.newKey("patients"));
        assertDamaged(() -> vault.keys.find(KEY));
    }

    @Test
    void aRowWithoutItsBodyIsMissed() throws Exception {
        execute("UPDATE document SET body = NULL WHERE kind = 'vault-key'");

        assertDamaged(() -> vault.newKey("patients"));
        assertDamaged(() -> vault.keys.find(KEY));
        assertThat(refused()).isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void theVaultsLifeIsNotPutBackNorTakenAway() throws Exception {
        List<Object> first = row("vault");
        vault.keys.restored(1, "operator");
        assertThat(vault.keys.epoch()).isEqualTo(2);

        putBack(first);
        // While it runs, the vault knows which life it is in.
        vault.newKey("other");
        assertThat(vault.key("other").newest().epoch()).isEqualTo(2);
        assertThat(vault.key("patients").newest().settings().enabled()).isFalse();
        assertDamaged(() -> vault.keys.restored(1, "operator"));
        execute("DELETE FROM document WHERE kind = 'vault'");
        assertDamaged(() -> vault.keys.restored(1, "operator"));
        vault.close();
        assertThatExceptionOfType(StoreException.class).isThrownBy(this::reopen);
    }

    @Test
    void aKeyThatCannotBeReadWhileTheStoreIsRestoredIsDisabledAllTheSame() throws Exception {
        List<Object> whole = row(VAULT_KEY);
        execute("UPDATE document SET body = ? WHERE kind = 'vault-key'", "damaged".getBytes(StandardCharsets.US_ASCII));
        vault.keys.restored(1, "operator");
        putBack(whole);

        VaultKey back = vault.key("patients");
        assertThat(back.newest().settings().enabled()).isFalse();
        assertThat(refused()).isEqualTo(Code.FORBIDDEN);
        vault.keys.update(KEY, back.newest().id(), settings -> settings.enabled(true), OWNER);
        assertThat(vault.read("patients", sealed, enclave)).isEqualTo(TEXT);
    }
}
