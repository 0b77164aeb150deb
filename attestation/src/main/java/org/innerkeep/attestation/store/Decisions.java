package org.innerkeep.attestation.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** Decisions and their contents, each content once. */
final class Decisions {
    /** A content's last use is written down at most once in this time, so that what is used all the time is not written all the time. */
    private static final long USE_NOTED_EVERY_MILLIS = 3_600_000;

    private static final int DELETED_TOGETHER = 500;

    private Decisions() {}

    static LogWriter.Mutation<Receipt> add(Decision decision, boolean keepContents) {
        byte[] record = decision.record().toByteArray();
        Map<String, Bytes> digests = new HashMap<>(decision.record().inputs());
        digests.putAll(decision.record().outputs());
        digests.put("record", Bytes.sha256(record));
        String subject = decision.record().type() + " " + decision.record().outcome();
        return (connection, log) -> {
            long now = log.now().toEpochMilli();
            long sequence = log.append(LogEntry.DECISION, subject, digests);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO decision (sequence, recorded_at, record) VALUES (?, ?, ?)")) {
                insert.setLong(1, sequence);
                insert.setLong(2, now);
                insert.setBytes(3, record);
                insert.executeUpdate();
            }
            if (keepContents) {
                for (Map.Entry<String, Bytes> each : decision.contents().entrySet()) {
                    keep(connection, digests.getOrDefault(each.getKey(), Bytes.EMPTY), each.getValue(), now);
                }
            }
            return receipts -> receipts.of(sequence);
        };
    }

    private static void keep(Connection connection, Bytes digest, Bytes content, long now) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT used_at FROM content WHERE digest = ?")) {
            query.setBytes(1, digest.toArray());
            try (ResultSet found = query.executeQuery()) {
                if (found.next()) {
                    if (found.getLong(1) < now - USE_NOTED_EVERY_MILLIS) {
                        noteUse(connection, digest, now);
                    }
                    return;
                }
            }
        }
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO content (digest, used_at, bytes) VALUES (?, ?, ?)")) {
            insert.setBytes(1, digest.toArray());
            insert.setLong(2, now);
            insert.setBytes(3, content.toArray());
            insert.executeUpdate();
        }
    }

    private static void noteUse(Connection connection, Bytes digest, long now) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE content SET used_at = ? WHERE digest = ?")) {
            update.setLong(1, now);
            update.setBytes(2, digest.toArray());
            update.executeUpdate();
        }
    }

    static Optional<RecordedDecision> read(Connection connection, long sequence) throws SQLException, StoreException {
        byte[] encoded;
        try (PreparedStatement query = connection.prepareStatement("SELECT record FROM decision WHERE sequence = ?")) {
            query.setLong(1, sequence);
            try (ResultSet found = query.executeQuery()) {
                if (!found.next()) {
                    return Optional.empty();
                }
                encoded = found.getBytes(1);
            }
        }
        LogEntry entry = SqlLog.entry(connection, sequence);
        if (!entry.kind().equals(LogEntry.DECISION) || !entry.digest("record").equals(Optional.of(Bytes.sha256(encoded)))) {
            throw SqlLog.corrupt("the decision " + sequence + " is not what its leaf in the log says");
        }
        DecisionRecord record;
        try {
            record = DecisionRecord.parse(encoded);
        } catch (MalformedException e) {
            throw SqlLog.corrupt("the decision " + sequence + " cannot be read: " + e.getMessage());
        }
        Map<String, Bytes> named = new HashMap<>(record.inputs());
        named.putAll(record.outputs());
        Map<String, Bytes> contents = new HashMap<>();
        for (Map.Entry<String, Bytes> each : named.entrySet()) {
            Optional<Bytes> content = content(connection, each.getValue());
            content.ifPresent(bytes -> contents.put(each.getKey(), bytes));
        }
        return Optional.of(new RecordedDecision(sequence, record, contents));
    }

    private static Optional<Bytes> content(Connection connection, Bytes digest) throws SQLException, StoreException {
        try (PreparedStatement query = connection.prepareStatement("SELECT bytes FROM content WHERE digest = ?")) {
            query.setBytes(1, digest.toArray());
            try (ResultSet found = query.executeQuery()) {
                if (!found.next()) {
                    return Optional.empty();
                }
                byte[] bytes = found.getBytes(1);
                if (!Bytes.sha256(bytes).equals(digest)) {
                    throw SqlLog.corrupt("the content under the digest " + digest.shortHex() + " has another");
                }
                return Optional.of(Bytes.of(bytes));
            }
        }
    }

    /**
     * Deletes some. The answer says how many; only where that is none is everything deleted that can be. Said in the log by the first of
     * several: the leaf stands there before the last row is gone.
     */
    static LogWriter.Mutation<AttestationStore.Pruned> deleteSome(Instant before, boolean say) {
        return (connection, log) -> {
            long decisions = delete(
                    connection,
                    "DELETE FROM decision WHERE sequence IN (SELECT sequence FROM decision WHERE recorded_at < ?"
                            + " ORDER BY recorded_at, sequence LIMIT " + DELETED_TOGETHER + ")",
                    before.toEpochMilli());
            // What a remaining decision used last may have been noted up to so long before it was used.
            long contents = delete(
                    connection,
                    "DELETE FROM content WHERE digest IN (SELECT digest FROM content WHERE used_at < ?"
                            + " ORDER BY used_at, digest LIMIT " + DELETED_TOGETHER + ")",
                    before.toEpochMilli() - USE_NOTED_EVERY_MILLIS);
            if (say && decisions + contents > 0) {
                log.append(LogEntry.PRUNED, "before " + before, Map.of());
            }
            return receipts -> new AttestationStore.Pruned(decisions, contents);
        };
    }

    private static long delete(Connection connection, String statement, long before) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(statement)) {
            delete.setLong(1, before);
            return delete.executeUpdate();
        }
    }
}
