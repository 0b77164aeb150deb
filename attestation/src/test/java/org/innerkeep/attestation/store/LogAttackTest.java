package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.attestation.store.Samples.KEY;
import static org.innerkeep.attestation.store.Samples.TYPE;
import static org.innerkeep.attestation.store.Samples.decision;
import static org.innerkeep.attestation.store.Samples.receiptOf;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.attestation.log.ConsistencyProof;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.LogExport;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogVerdict;
import org.innerkeep.attestation.log.LogVerdict.Code;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.log.TreeGrowth;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does to a real store, and how a receipt convicts. The operator has the file, and in the worst case the log's key. */
class LogAttackTest {
    private static final int DECISIONS = 12;

    @TempDir
    private Path folder;

    private final LogVerifier verifier = new LogVerifier(KEY.anchor());
    private final List<Receipt> receipts = new ArrayList<>();
    private Path file;

    @BeforeEach
    void fill() throws StoreException {
        file = folder.resolve("store.db");
        try (AttestationStore store = AttestationStore.open(Samples.sqlite(file))) {
            receipts.add(receiptOf(store.setPolicy(TYPE, 0, "the policy", "admin")));
            for (int i = 0; i < DECISIONS; i++) {
                receipts.add(store.record(decision("evidence " + i)));
            }
        }
    }

    @Test
    void untouchedStoreIsIntact() throws IOException {
        assertThat(verdict(receipts)).isEqualTo(new LogVerdict.Intact());
    }

    @Test
    void rewrittenLeafIsConvictedByItsReceiptAndByEveryLaterOne() throws Exception {
        rewriteLeaf(5);

        assertThat(codes(receipts.subList(4, 5))).contains(Code.LEAF_REWRITTEN, Code.HISTORY_REWRITTEN);
        assertThat(codes(receipts.subList(9, 10))).contains(Code.HISTORY_REWRITTEN);
        assertThat(codes(List.of())).containsExactly(Code.HEAD_MISMATCH);
    }

    @Test
    void rewrittenLeafWithHashesAndHeadMadeAnewIsConvicted() throws Exception {
        rebuild(file, KEY, 5);

        assertThat(codes(List.of())).as("the store by itself looks right").isEmpty();
        for (Receipt receipt : receipts.subList(4, receipts.size())) {
            assertThat(codes(List.of(receipt))).as("receipt " + receipt.entry().sequence()).isNotEmpty();
        }
    }

    @Test
    void wholeStoreMadeAnewWithTheLogsKeyIsConvictedByAnyReceipt() throws Exception {
        Path other = folder.resolve("other.db");
        try (AttestationStore store = AttestationStore.open(Samples.sqlite(other))) {
            receiptOf(store.setPolicy(TYPE, 0, "another policy", "admin"));
            for (int i = 0; i < 2 * DECISIONS; i++) {
                store.record(decision("evidence " + i));
            }
        }
        try (StoredLog log = StoredLog.open(new StoreLocation.Sqlite(other))) {
            assertThat(verifier.verify(log).intact()).as("the new store by itself looks right").isTrue();
            for (Receipt receipt : receipts) {
                assertThat(verifier.verify(List.of(receipt), log))
                        .as("receipt " + receipt.entry().sequence())
                        .isInstanceOfSatisfying(LogVerdict.Convicted.class, convicted -> assertThat(
                                        convicted.has(Code.HISTORY_REWRITTEN) || convicted.has(Code.FORKED))
                                .isTrue());
            }
        }
    }

    @Test
    void truncatedLogIsConvicted() throws Exception {
        change("DELETE FROM log_leaf WHERE sequence >= 10");

        assertThat(codes(List.of())).containsExactly(Code.TRUNCATED);
        assertThat(codes(receipts.subList(12, 13))).contains(Code.TRUNCATED);
    }

    @Test
    void truncatedLogWithAnOldHeadIsConvicted() throws Exception {
        LogHead.Signed old = receipts.get(6).head();
        truncateTo(old);

        assertThat(codes(List.of())).as("it is what it was then").isEmpty();
        assertThat(codes(receipts.subList(0, 7))).isEmpty();
        for (Receipt later : receipts.subList(7, receipts.size())) {
            assertThat(codes(List.of(later))).containsExactly(Code.TRUNCATED);
        }
    }

    @Test
    void storeThatWasRolledBackAndWentOnIsConvicted() throws Exception {
        truncateTo(receipts.get(6).head());
        Receipt after;
        try (AttestationStore store = AttestationStore.open(Samples.sqlite(file))) {
            after = store.record(decision("another history"));
            for (int i = 0; i < DECISIONS; i++) {
                store.record(decision("more of it " + i));
            }
        }
        assertThat(codes(List.of(receipts.get(7)))).contains(Code.LEAF_REWRITTEN, Code.HISTORY_REWRITTEN);
        // Without the store: two receipts, both signed, for one place.
        assertThat(verifier.verify(List.of(receipts.get(7), after)))
                .isInstanceOfSatisfying(
                        LogVerdict.Convicted.class,
                        convicted -> assertThat(convicted.has(Code.EQUIVOCATED) && convicted.has(Code.FORKED)).isTrue());
    }

    @Test
    void twoHeadsOfOneSizeWithDifferentRootsAreAFork() {
        LogHead.Signed one = receipts.get(3).head();
        LogHead.Signed other = KEY.sign(new LogHead(one.head().size(), Samples.digest("another root"), Samples.NOW));

        assertThat(verifier.verify(one, other, new ConsistencyProof(5, 5, List.of())))
                .isInstanceOfSatisfying(LogVerdict.Convicted.class, convicted -> assertThat(convicted.has(Code.FORKED)).isTrue());
    }

    @Test
    void headThatDoesNotGoOnFromAnOlderOneIsConvicted() throws Exception {
        try (AttestationStore store = AttestationStore.open(Samples.sqlite(file))) {
            LogHead.Signed older = receipts.get(3).head();
            LogHead.Signed newer = store.log().head().orElseThrow();
            var proof = store.log().consistency(older.head().size(), newer.head().size());
            LogHead.Signed invented = KEY.sign(new LogHead(older.head().size(), Samples.digest("another root"), Samples.NOW));

            assertThat(verifier.verify(older, newer, proof).intact()).isTrue();
            assertThat(verifier.verify(invented, newer, proof))
                    .isInstanceOfSatisfying(LogVerdict.Convicted.class, convicted -> assertThat(convicted.has(Code.INCONSISTENT)).isTrue());
            assertThat(verifier.verify(newer, older, proof))
                    .isInstanceOfSatisfying(LogVerdict.Convicted.class, convicted -> assertThat(convicted.has(Code.TRUNCATED)).isTrue());
        }
    }

    @Test
    void leavesThatChangedPlacesAreConvicted() throws Exception {
        change("UPDATE log_leaf SET sequence = 1000 WHERE sequence = 4");
        change("UPDATE log_leaf SET sequence = 4 WHERE sequence = 5");
        change("UPDATE log_leaf SET sequence = 5 WHERE sequence = 1000");

        assertThat(codes(List.of())).contains(Code.REORDERED, Code.HEAD_MISMATCH);
        assertThat(codes(receipts.subList(3, 4))).contains(Code.LEAF_REWRITTEN);
    }

    @Test
    void leafThatIsNoneIsConvicted() throws Exception {
        change("UPDATE log_leaf SET leaf = x'00' WHERE sequence = 4");

        assertThat(codes(List.of())).contains(Code.LEAF_MALFORMED, Code.HEAD_MISMATCH);
    }

    @Test
    void logOfAnotherKeyIsNotTaken() throws Exception {
        LogVerdict verdict;
        try (StoredLog log = StoredLog.open(new StoreLocation.Sqlite(file))) {
            verdict = new LogVerifier(LogKey.generate().anchor()).verify(receipts.subList(0, 1), log);
        }
        assertThat(verdict)
                .isInstanceOfSatisfying(LogVerdict.Convicted.class, convicted -> assertThat(convicted.has(Code.WRONG_KEY)).isTrue());
    }

    @Test
    void receiptWhoseLeafOrHeadWasChangedIsNotTaken() throws Exception {
        Receipt good = receipts.get(8);
        LogEntry entry = good.entry();
        LogEntry changed = new LogEntry(entry.sequence(), entry.time(), entry.kind(), "SevSnpVm denied", entry.digests());
        Receipt otherLeaf = new Receipt(changed, good.path(), good.head());
        Receipt otherHead = new Receipt(entry, good.path(), LogHead.parse(flipped(good.head().toByteArray())));

        assertThat(verifier.verify(otherLeaf))
                .isInstanceOfSatisfying(LogVerdict.Convicted.class, convicted -> assertThat(convicted.has(Code.NOT_INCLUDED)).isTrue());
        assertThat(verifier.verify(otherHead))
                .isInstanceOfSatisfying(LogVerdict.Convicted.class, convicted -> assertThat(convicted.has(Code.SIGNATURE_INVALID)).isTrue());
    }

    @Test
    void exportedLogIsVerifiedAndConvictedLikeTheStore() throws Exception {
        Path export = export();
        try (LogExport log = LogExport.open(export)) {
            assertThat(verifier.verify(receipts, log).intact()).isTrue();
        }
        byte[] bytes = Files.readAllBytes(export);
        // The last byte belongs to a digest in the last leaf.
        Files.write(export, flipped(bytes));
        try (LogExport log = LogExport.open(export)) {
            assertThat(verifier.verify(receipts.subList(12, 13), log))
                    .isInstanceOfSatisfying(LogVerdict.Convicted.class, convicted -> assertThat(convicted.has(Code.LEAF_REWRITTEN)).isTrue());
        }
        int lastLeaf = receipts.get(12).entry().toByteArray().length + 4;
        Files.write(export, Arrays.copyOf(bytes, bytes.length - lastLeaf));
        try (LogExport log = LogExport.open(export)) {
            assertThat(verifier.verify(log))
                    .isInstanceOfSatisfying(LogVerdict.Convicted.class, convicted -> assertThat(convicted.has(Code.TRUNCATED)).isTrue());
        }
        Files.write(export, Arrays.copyOf(bytes, bytes.length - 1));
        try (LogExport log = LogExport.open(export)) {
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> verifier.verify(log)).withMessageContaining("ends inside");
        }
        Files.writeString(export, "something else");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> LogExport.open(export));
    }

    private Path export() throws IOException {
        Path export = folder.resolve("log.export");
        try (StoredLog log = StoredLog.open(new StoreLocation.Sqlite(file));
                OutputStream out = Files.newOutputStream(export)) {
            LogExport.write(log, out);
        }
        return export;
    }

    @Test
    void serviceDoesNotGoOnFromHashesThatItsHeadDoesNotSign() throws Exception {
        // 14 leaves: the right edge is the first eight, the next four, the last two.
        change("UPDATE log_node SET hash = zeroblob(32) WHERE level = 3 AND position = 0");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(Samples.sqlite(file)))
                .matches(e -> e.code() == StoreException.Code.CORRUPT);
    }

    @Test
    void serviceDoesNotStartWithAPolicyThatItsLogDoesNotHave() throws Exception {
        change("UPDATE document SET body = CAST('permit everything' AS BLOB) WHERE kind = 'policy'");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(Samples.sqlite(file)))
                .matches(e -> e.code() == StoreException.Code.DAMAGED)
                .withMessageContaining("policy 'SevSnpVm'");
    }

    @Test
    void serviceDoesNotStartWithAnOlderPolicyThatItsLogHas() throws Exception {
        try (AttestationStore store = AttestationStore.open(Samples.sqlite(file))) {
            store.setPolicy(TYPE, 1, "a stricter policy", "admin");
        }
        change("UPDATE document SET version = 1, body = CAST('the policy' AS BLOB), sequence = 1");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> AttestationStore.open(Samples.sqlite(file)))
                .matches(e -> e.code() == StoreException.Code.CORRUPT)
                .withMessageContaining("versions");
    }

    @Test
    void policyThatWasExchangedUnderARunningServiceIsNotGivenOut() throws Exception {
        try (AttestationStore store = AttestationStore.open(Samples.sqlite(file))) {
            change("UPDATE document SET body = CAST('permit everything' AS BLOB) WHERE kind = 'policy'");

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.policy(TYPE))
                    .matches(e -> e.code() == StoreException.Code.DAMAGED);
        }
    }

    @Test
    void runningServiceNeverWritesAgainOnceItsStoreWasRolledBack() throws Exception {
        try (AttestationStore store = AttestationStore.open(Samples.sqlite(file))) {
            store.record(decision("one more"));
            truncateTo(receipts.get(6).head());

            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(() -> store.record(decision("after")))
                        .matches(e -> e.code() == StoreException.Code.ROLLED_BACK && !e.mayHaveHappened());
            }
            assertThat(store.writeFailure()).isPresent();
            assertThat(store.policy(TYPE).value()).contains("the policy");
        }
    }

    @Test
    void runningServiceNeverWritesAgainOnceItsLogWasReplacedByALongerOne() throws Exception {
        try (AttestationStore store = AttestationStore.open(Samples.sqlite(file))) {
            rebuild(file, KEY, 5);
            try (AttestationStore other = AttestationStore.open(Samples.sqlite(file))) {
                other.record(decision("one more"));
            }
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.record(decision("after")))
                    .matches(e -> e.code() == StoreException.Code.CORRUPT)
                    .withMessageContaining("does not go on");
        }
    }

    @Test
    void decisionThatWasRewrittenIsNotRead() throws Exception {
        change("UPDATE decision SET record = x'00' WHERE sequence = 3");
        change("UPDATE content SET bytes = x'00' WHERE digest = x'" + Samples.digest("evidence 3").hex() + "'");
        try (AttestationStore store = AttestationStore.open(Samples.sqlite(file))) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.decision(3))
                    .matches(e -> e.code() == StoreException.Code.CORRUPT);
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.decision(5))
                    .matches(e -> e.code() == StoreException.Code.CORRUPT);
            assertThat(store.decision(6)).isPresent();
        }
    }

    private LogVerdict verdict(List<Receipt> held) throws IOException {
        try (StoredLog log = StoredLog.open(new StoreLocation.Sqlite(file))) {
            return verifier.verify(held, log);
        }
    }

    private List<Code> codes(List<Receipt> held) throws IOException {
        return verdict(held) instanceof LogVerdict.Convicted convicted
                ? convicted.findings().stream().map(LogVerdict.Finding::code).toList()
                : List.of();
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    private void change(String statement) throws SQLException {
        try (Connection connection = connect();
                Statement each = connection.createStatement()) {
            assertThat(each.executeUpdate(statement)).isPositive();
        }
    }

    /** Another leaf, well-formed, in the place of one. */
    private void rewriteLeaf(long sequence) throws SQLException {
        LogEntry old = receipts.get((int) sequence - 1).entry();
        LogEntry other = new LogEntry(sequence, old.time(), old.kind(), "SevSnpVm denied", old.digests());
        try (Connection connection = connect();
                PreparedStatement update = connection.prepareStatement("UPDATE log_leaf SET leaf = ? WHERE sequence = ?")) {
            update.setBytes(1, other.toByteArray());
            update.setLong(2, sequence);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    /** All that follows from another leaf: hashes and a newly signed head. */
    private void rebuild(Path store, LogKey key, long sequence) throws Exception {
        rewriteLeaf(sequence);
        change("DELETE FROM log_node");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + store)) {
            List<Bytes> leaves = SqlLog.leaves(connection, 0, 1000);
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("DELETE FROM log_leaf");
                statement.executeUpdate("DELETE FROM log_state");
            }
            LogTransaction log = new LogTransaction(new TreeGrowth(), DocumentVersions.read(connection), Samples.CLOCK);
            for (Bytes leaf : leaves) {
                LogEntry entry = LogEntry.parse(leaf.toArray());
                log.append(entry.kind(), entry.subject(), entry.digests());
            }
            log.write(connection, key);
        }
    }

    private void truncateTo(LogHead.Signed old) throws SQLException {
        long size = old.head().size();
        change("DELETE FROM log_leaf WHERE sequence >= " + size);
        change("DELETE FROM log_node WHERE (position + 1) << level > " + size);
        change("DELETE FROM decision WHERE sequence >= " + size);
        try (Connection connection = connect();
                PreparedStatement update = connection.prepareStatement("UPDATE log_state SET size = ?, head = ?")) {
            update.setLong(1, size);
            update.setBytes(2, old.toByteArray());
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    private static byte[] flipped(byte[] bytes) {
        byte[] other = bytes.clone();
        other[other.length - 1] ^= 1;
        return other;
    }
}
