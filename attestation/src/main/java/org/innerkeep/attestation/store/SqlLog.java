package org.innerkeep.attestation.store;

import java.io.IOException;
import java.io.Serial;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.log.ConsistencyProof;
import org.innerkeep.attestation.log.LogAnchor;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.LogSource;
import org.innerkeep.attestation.log.MerkleTree;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.log.TransparencyLog;
import org.innerkeep.attestation.log.TreeHashes;
import org.innerkeep.attestation.store.StoreException.Code;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** Reads the log out of its tables. */
final class SqlLog implements TransparencyLog {
    private final Database database;
    private final LogAnchor anchor;

    SqlLog(Database database, LogAnchor anchor) {
        this.database = database;
        this.anchor = anchor;
    }

    @Override
    public LogAnchor anchor() {
        return anchor;
    }

    @Override
    public Optional<LogHead.Signed> head() throws StoreException {
        return database.read(SqlLog::head);
    }

    @Override
    public List<Bytes> leaves(long from, int most) throws StoreException {
        if (from < 0 || most < 1 || most > LogSource.MAX_LEAVES) {
            throw new IllegalArgumentException("leaves: expected from 0 on, and 1 to " + LogSource.MAX_LEAVES + " of them");
        }
        return database.read(connection -> leaves(connection, from, most));
    }

    @Override
    public Optional<Receipt> receipt(long sequence) throws StoreException {
        return database.read(connection -> {
            Optional<LogHead.Signed> head = head(connection);
            if (sequence < 0 || head.isEmpty() || sequence >= head.get().head().size()) {
                return Optional.empty();
            }
            return Optional.of(receipt(connection, entry(connection, sequence), head.get()));
        });
    }

    private static Receipt receipt(Connection connection, LogEntry entry, LogHead.Signed head)
            throws SQLException, StoreException {
        List<Bytes> path = proof(
                () -> MerkleTree.inclusion(hashes(connection), entry.sequence(), head.head().size()));
        return new Receipt(entry, path, head);
    }

    @Override
    public ConsistencyProof consistency(long from, long to) throws StoreException {
        return database.read(connection -> {
            long size = head(connection).map(head -> head.head().size()).orElse(0L);
            if (from < 0 || to < from || to > size) {
                throw new IllegalArgumentException(
                        "sizes: expected 0 <= from <= to <= " + size + ", found " + from + " and " + to);
            }
            return new ConsistencyProof(from, to, proof(() -> MerkleTree.consistency(hashes(connection), from, to)));
        });
    }

    /** The head, as it is stored; nothing where there is no log. */
    static Optional<LogHead.Signed> head(Connection connection) throws SQLException, StoreException {
        try (PreparedStatement query = connection.prepareStatement("SELECT size, head FROM log_state WHERE id = 1");
                ResultSet found = query.executeQuery()) {
            if (!found.next()) {
                return Optional.empty();
            }
            LogHead.Signed head = LogHead.parse(found.getBytes(2));
            if (head.head().size() != found.getLong(1)) {
                throw corrupt("the log's head says " + head.head().size() + " leaves, the row that holds it " + found.getLong(1));
            }
            return Optional.of(head);
        } catch (MalformedException e) {
            throw new StoreException(Code.CORRUPT, "store: the log's head is no head: " + e.getMessage(), e);
        }
    }

    static List<Bytes> leaves(Connection connection, long from, int most) throws SQLException, StoreException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT sequence, leaf FROM log_leaf WHERE sequence >= ? ORDER BY sequence LIMIT ?")) {
            query.setLong(1, from);
            query.setInt(2, most);
            List<Bytes> leaves = new ArrayList<>();
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    // A gap ends the log: what comes behind it has no place.
                    if (found.getLong(1) != from + leaves.size()) {
                        break;
                    }
                    leaves.add(Bytes.of(found.getBytes(2)));
                }
            }
            return leaves;
        }
    }

    static LogEntry entry(Connection connection, long sequence) throws SQLException, StoreException {
        List<Bytes> leaves = leaves(connection, sequence, 1);
        if (leaves.isEmpty()) {
            throw corrupt("leaf " + sequence + " is missing");
        }
        try {
            return LogEntry.parse(leaves.getFirst().toArray());
        } catch (MalformedException e) {
            throw new StoreException(Code.CORRUPT, "store: leaf " + sequence + " is no leaf: " + e.getMessage(), e);
        }
    }

    /** A leaf that is shown to be the one that the head, whose signature was verified, is over. */
    static LogEntry proven(Connection connection, long sequence, LogHead head) throws SQLException, StoreException {
        List<Bytes> path = proof(() -> MerkleTree.inclusion(hashes(connection), sequence, head.size()));
        LogEntry entry = entry(connection, sequence);
        Bytes hash = MerkleTree.leafHash(entry.toByteArray());
        if (!MerkleTree.rootFrom(hash, sequence, head.size(), path).equals(Optional.of(head.root()))) {
            throw corrupt("leaf " + sequence + " is not the one that the log's head is over");
        }
        return entry;
    }

    /** The hashes as they are stored, and those of leaves from the leaves themselves. */
    static TreeHashes hashes(Connection connection) {
        return (level, position) -> {
            try {
                if (level == 0) {
                    List<Bytes> leaves = leaves(connection, position, 1);
                    if (leaves.isEmpty()) {
                        throw corrupt("leaf " + position + " is missing");
                    }
                    return MerkleTree.leafHash(leaves.getFirst().toArray());
                }
                try (PreparedStatement query =
                        connection.prepareStatement("SELECT hash FROM log_node WHERE level = ? AND position = ?")) {
                    query.setInt(1, level);
                    query.setLong(2, position);
                    try (ResultSet found = query.executeQuery()) {
                        if (!found.next()) {
                            throw corrupt("the hash of level " + level + " at " + position + " is missing");
                        }
                        return Bytes.of(found.getBytes(1));
                    }
                }
            } catch (SQLException e) {
                throw new SqlFailure(e);
            }
        };
    }

    /** Something that reads hashes. */
    @FunctionalInterface
    interface Proving<T> {
        T prove() throws IOException;
    }

    /** Gives a failure of the database back its own type, which the tree does not know. */
    static <T> T proof(Proving<T> proving) throws SQLException, StoreException {
        try {
            return proving.prove();
        } catch (SqlFailure e) {
            throw e.failure();
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw corrupt(String.valueOf(e.getMessage()));
        }
    }

    /** A failure of the database on its way through the tree. */
    private static final class SqlFailure extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        private final SQLException failure;

        SqlFailure(SQLException failure) {
            super(failure);
            this.failure = failure;
        }

        SQLException failure() {
            return failure;
        }
    }

    static StoreException corrupt(String what) {
        return new StoreException(Code.CORRUPT, "store: " + what + "; it was damaged or rewritten: restore it from a copy, and look for"
                + " who did it", null);
    }
}
