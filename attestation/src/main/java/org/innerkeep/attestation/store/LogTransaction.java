package org.innerkeep.attestation.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.MerkleTree;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.log.TreeGrowth;
import org.innerkeep.attestation.log.TreeHashes;
import org.innerkeep.evidence.Bytes;

/** The leaves that one transaction appends, with one signed head over all of them. Used by one thread. */
final class LogTransaction {
    private final TreeGrowth before;
    private final TreeGrowth growth;
    private final Clock clock;
    private DocumentVersions documents;
    private final List<LogEntry> entries = new ArrayList<>();
    private List<TreeGrowth.Node> finished = List.of();
    private Optional<LogHead.Signed> head = Optional.empty();

    LogTransaction(TreeGrowth before, DocumentVersions documents, Clock clock) {
        this.before = before;
        this.documents = documents;
        this.growth = before.copy();
        this.clock = clock;
    }

    /** The time of leaves and of what is stored beside them. */
    Instant now() {
        return clock.instant();
    }

    /** Says before its leaf is appended that a document changed. */
    void documentChanged(String kind, String name, long version) {
        documents = documents.with(kind, name, version);
    }

    /** The versions of documents once the transaction is committed. */
    DocumentVersions documents() {
        return documents;
    }

    /** Appends a leaf, and says where it stands if the transaction commits. Every leaf also says which documents hold. */
    long append(String kind, String subject, Map<String, Bytes> digests) {
        Map<String, Bytes> all = new HashMap<>(digests);
        all.put(LogEntry.DOCUMENTS, documents.digest());
        LogEntry entry = new LogEntry(growth.size(), now(), kind, subject, all);
        growth.append(entry.toByteArray());
        entries.add(entry);
        return entry.sequence();
    }

    /** Writes leaves, hashes and the head. Returns whether there was anything to write. */
    boolean write(Connection connection, LogKey key) throws SQLException, StoreException {
        if (entries.isEmpty()) {
            return false;
        }
        finished = growth.takeFinished();
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO log_leaf (sequence, leaf) VALUES (?, ?)")) {
            for (LogEntry entry : entries) {
                insert.setLong(1, entry.sequence());
                insert.setBytes(2, entry.toByteArray());
                insert.addBatch();
            }
            insert.executeBatch();
        }
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO log_node (level, position, hash) VALUES (?, ?, ?)")) {
            for (TreeGrowth.Node node : finished) {
                if (node.level() > 0) {
                    insert.setInt(1, node.level());
                    insert.setLong(2, node.position());
                    insert.setBytes(3, node.hash().toArray());
                    insert.addBatch();
                }
            }
            insert.executeBatch();
        }
        LogHead.Signed signed = key.sign(new LogHead(growth.size(), growth.root(), now()));
        writeHead(connection, signed);
        head = Optional.of(signed);
        return true;
    }

    private void writeHead(Connection connection, LogHead.Signed signed) throws SQLException, StoreException {
        if (before.size() == 0) {
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO log_state (id, size, head) VALUES (1, ?, ?)")) {
                insert.setLong(1, signed.head().size());
                insert.setBytes(2, signed.toByteArray());
                insert.executeUpdate();
            }
            return;
        }
        // The lock keeps others out. Should it ever not, this finds the row changed, and nothing is committed.
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE log_state SET size = ?, head = ? WHERE id = 1 AND size = ?")) {
            update.setLong(1, signed.head().size());
            update.setBytes(2, signed.toByteArray());
            update.setLong(3, before.size());
            if (update.executeUpdate() != 1) {
                throw SqlLog.corrupt("the log ended elsewhere while it was being written");
            }
        }
    }

    /** The right edge once the transaction is committed. */
    TreeGrowth growth() {
        return growth;
    }

    /** The head once the transaction is committed; nothing where nothing was appended. */
    Optional<LogHead.Signed> head() {
        return head;
    }

    /** Receipts, to be made once the transaction is committed. */
    Receipts receipts() {
        LogHead.Signed signed = head.orElseThrow(() -> new IllegalStateException("nothing was written"));
        TreeHashes hashes = TreeGrowth.hashesOfNew(before, finished);
        Map<Long, LogEntry> bySequence = new HashMap<>();
        entries.forEach(entry -> bySequence.put(entry.sequence(), entry));
        return sequence -> {
            LogEntry entry = bySequence.get(sequence);
            if (entry == null) {
                throw new IllegalStateException("leaf " + sequence + " is not of this transaction");
            }
            return new Receipt(
                    entry, SqlLog.proof(() -> MerkleTree.inclusion(hashes, sequence, signed.head().size())), signed);
        };
    }

    /** Makes receipts. */
    @FunctionalInterface
    interface Receipts {
        Receipt of(long sequence) throws SQLException, StoreException;
    }
}
