package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever can write to the database, and knows how documents and leaves are written, against what the service decides by. */
class BelievedStoreTest {
    private static final String TYPE = "SevSnpVm";
    private static final String BY = "admin";

    @TempDir
    private Path folder;

    private AttestationStore store;

    @BeforeEach
    void open() throws IOException {
        store = BelievedStore.over(bare(), Samples.KEY);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private AttestationStore bare() throws IOException {
        return AttestationStore.open(Samples.sqlite(folder.resolve("store.db")));
    }

    private void reopen() throws IOException {
        store.close();
        open();
    }

    private Connection database() throws Exception {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("store.db"));
    }

    /** Sets the body of a document and its leaf's digest of it, so that they fit together. */
    private void forge(String kind, String name, byte[] body) throws Exception {
        try (Connection connection = database()) {
            long sequence;
            byte[] leaf;
            try (PreparedStatement query = connection.prepareStatement("SELECT l.sequence, l.leaf FROM document d"
                    + " JOIN log_leaf l ON l.sequence = d.sequence WHERE d.kind = ? AND d.name = ?")) {
                query.setString(1, kind);
                query.setString(2, name);
                try (ResultSet found = query.executeQuery()) {
                    assertThat(found.next()).isTrue();
                    sequence = found.getLong(1);
                    leaf = found.getBytes(2);
                }
            }
            LogEntry entry = LogEntry.parse(leaf);
            Map<String, Bytes> digests = new HashMap<>(entry.digests());
            digests.put(kind, Bytes.sha256(body));
            byte[] forged = new LogEntry(entry.sequence(), entry.time(), entry.kind(), entry.subject(), digests).toByteArray();
            execute(connection, "UPDATE log_leaf SET leaf = ? WHERE sequence = ?", forged, sequence);
            execute(connection, "UPDATE document SET body = ? WHERE kind = ? AND name = ?", body, kind, name);
        }
    }

    private static void execute(Connection connection, String statement, Object... values) throws Exception {
        try (PreparedStatement prepared = connection.prepareStatement(statement)) {
            for (int i = 0; i < values.length; i++) {
                prepared.setObject(i + 1, values[i]);
            }
            assertThat(prepared.executeUpdate()).as(statement).isEqualTo(1);
        }
    }

    private static void assertDamaged(ThrowingCallable call) {
        assertThatExceptionOfType(StoreException.class).isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(StoreException.Code.DAMAGED))
                .withMessageContaining("has no code of this service");
    }

    private static byte[] text(String policy) {
        return policy.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatWasSetIsBelievedByThisInstanceAndTheNext() throws Exception {
        store.setPolicy(TYPE, 0, "first", BY);
        store.setPolicy(TYPE, 1, "second", BY);
        assertThat(store.policy(TYPE).value()).contains("second");
        store.resetPolicy(TYPE, 2, BY);
        assertThat(store.policy(TYPE).value()).isEmpty();
        store.setApprovals(0, 2, BY);
        reopen();
        assertThat(store.policy(TYPE).version()).isEqualTo(3);
        assertThat(store.approvals().value()).isEqualTo(2);
        assertThat(store.policy("SgxEnclave").version()).isZero();
    }

    @Test
    void aPolicyThatIsRewrittenWithItsLeafIsNotUsed() throws Exception {
        store.setPolicy(TYPE, 0, "strict", BY);
        // The last leaf is proven by the signed head, and a store with another is not opened.
        store.setApprovals(0, 2, BY);
        forge("policy", TYPE, text("lax"));
        assertDamaged(() -> store.policy(TYPE));
        reopen();
        assertDamaged(() -> store.policy(TYPE));
        forge("policy", TYPE, text("strict"));
        assertThat(store.policy(TYPE).value()).as("the genuine one").contains("strict");
    }

    @Test
    void aPolicyOfAnEarlierVersionOrOfAnotherTypeIsNotUsedInItsPlace() throws Exception {
        store.setPolicy(TYPE, 0, "lax", BY);
        store.setPolicy(TYPE, 1, "strict", BY);
        store.setPolicy("SgxEnclave", 0, "other", BY);
        forge("policy", TYPE, text("lax"));
        assertDamaged(() -> store.policy(TYPE));
        forge("policy", TYPE, text("other"));
        assertDamaged(() -> store.policy(TYPE));
        assertThat(store.policy("SgxEnclave").value()).contains("other");
    }

    @Test
    void fewerApprovalsAndASigningKeyOfSomebodyElseAreNotUsed() throws Exception {
        store.setApprovals(0, 2, BY);
        forge("approvals", "", new Forms.Approvals().encode(1).orElseThrow().toArray());
        assertDamaged(() -> store.approvals());
        store.setPolicySigners(0, List.of(Bytes.of(new byte[] {1})), BY);
        forge("signers", "", new Forms.Signers().encode(List.of(Bytes.of(new byte[] {2}))).orElseThrow().toArray());
        assertDamaged(() -> store.policySigners());
    }

    @Test
    void codesThatAreMadeByAnotherKeyAreNone() throws Exception {
        store.setPolicy(TYPE, 0, "strict", BY);
        DocumentCodes.Place place = new DocumentCodes.Place("policy", TYPE, 1);
        forge("policy", TYPE, text("lax"));
        forge(BelievedStore.KIND, "all", DocumentCodes.NONE.and(place, Bytes.sha256(text("made up"))).toByteArray());
        assertDamaged(() -> store.policy(TYPE));
        assertThat(Bytes.of(Samples.KEY.secret("a"))).isEqualTo(Bytes.of(Samples.KEY.secret("a")))
                .isNotEqualTo(Bytes.of(Samples.KEY.secret("b"))).isNotEqualTo(Bytes.of(LogKey.generate().secret("a")));
    }

    @Test
    void aChangeThatIsAnnouncedAndLosesARaceHarmsNothing() throws Exception {
        store.setPolicy(TYPE, 0, "first", BY);
        try (AttestationStore other = BelievedStore.over(bare(), Samples.KEY)) {
            for (int i = 0; i < 3 * DocumentCodes.MOST_OF_A_VERSION; i++) {
                assertThat(store.setPolicy(TYPE, 0, "too late " + i, BY)).isInstanceOf(Change.Conflict.class);
            }
            assertThat(store.policy(TYPE).value()).contains("first");
            other.setPolicy(TYPE, 1, "second", BY);
            assertThat(store.policy(TYPE).value()).as("announced by another instance").contains("second");
        }
        reopen();
        assertThat(store.policy(TYPE).value()).contains("second");
    }

    @Test
    void aStoreFromBeforeThereWereCodesIsTakenAsItIsOnce() throws Exception {
        store.close();
        try (AttestationStore old = bare()) {
            old.setPolicy(TYPE, 0, "strict", BY);
            old.setApprovals(0, 2, BY);
        }
        open();
        assertThat(store.policy(TYPE).value()).contains("strict");
        forge("policy", TYPE, text("lax"));
        reopen();
        assertDamaged(() -> store.policy(TYPE));
        assertThat(store.approvals().value()).isEqualTo(2);
    }

    /** Without its codes a rewritten policy would be taken as it is, as in a store from before there were any. */
    @Test
    void aStoreWhoseCodesWereTakenAwayIsNotOpened() throws Exception {
        store.setPolicy(TYPE, 0, "strict", BY);
        store.setApprovals(0, 2, BY);
        forge("policy", TYPE, text("lax"));
        try (Connection connection = database()) {
            execute(connection, "DELETE FROM document WHERE kind = ?", BelievedStore.KIND);
        }
        store.close();
        assertThatExceptionOfType(StoreException.class).isThrownBy(this::open)
                .satisfies(e -> assertThat(e.code()).isEqualTo(StoreException.Code.CORRUPT));
    }

    @Test
    void whatIsSetTogetherIsBelievedTogether() throws Exception {
        store.setPendingChanges(0, List.of(), BY);
        store.setApprovedPolicy(TYPE, 0, Optional.of("approved"), BY, new AttestationStore.Approval(1, List.of(), BY));
        assertThat(store.policy(TYPE).value()).contains("approved");
        assertThat(store.pendingChanges().version()).isEqualTo(2);
    }
}
