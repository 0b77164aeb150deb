package org.innerkeep.attestation.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * What holds now under a kind and a name, in versions: policies, signers, keys. Each change is a leaf whose subject says name and version,
 * and whose digests are those of the content and of who set it.
 */
final class Documents {
    static final int MAX_BY_CHARS = 1024;

    /** How content of one kind is written and read. */
    interface Form<T> {
        /** {@return the kind's name, and the name of its digest in leaves} */
        String kind();

        /** {@return the kind of leaf that says that this content was set} */
        String leaf(T value);

        /** {@return the content, or nothing where there is none} */
        Optional<Bytes> encode(T value);

        /** Reads content, or its absence. */
        T decode(Optional<Bytes> body) throws MalformedException;
    }

    private record Row(long version, Optional<Bytes> body, String setBy, long setAt, long sequence) {
        <T> Versioned<T> as(Form<T> form) throws StoreException {
            try {
                return new Versioned<>(version, form.decode(body), setBy, Instant.ofEpochMilli(setAt));
            } catch (MalformedException e) {
                throw SqlLog.corrupt(form.kind() + " of version " + version + " cannot be read: " + e.getMessage());
            }
        }

        LoggedStore.Document plain(String name) {
            return new LoggedStore.Document(name, version, body, setBy, Instant.ofEpochMilli(setAt), sequence);
        }
    }

    private Documents() {}

    /**
     * What is known of all documents, from the log, before one is read. A row that was put back has a leaf of its own, which is right: it
     * is its version that is wrong.
     *
     * @param versions those that hold; of reads, those that held before the read began
     * @param exact whether no other can be found, since nobody else can change the store meanwhile; else a newer one can
     * @param begin leaves from this one on are not written yet
     */
    record Known(DocumentVersions versions, boolean exact, long begin) {
        /** What a transaction that changes the store knows. */
        static Known of(LogTransaction log) {
            return new Known(log.documents(), true, log.begin());
        }

        /** What whoever only reads knows. */
        static Known before(DocumentVersions versions) {
            return new Known(versions, false, Long.MAX_VALUE);
        }

        private void check(String kind, String name, Optional<Row> row) throws StoreException {
            long found = row.map(Row::version).orElse(0L);
            long expected = versions.version(kind, name);
            if (exact ? found != expected : found < expected) {
                throw StoreException.damaged(kind + " '" + name + "' is there in version " + found + ", and its version " + expected
                        + " is in the log");
            }
        }
    }

    /** Reads a document, and gives it only if it is what its leaf says, and not older than what is known. */
    static <T> Versioned<T> read(Connection connection, Known known, Form<T> form, String name, T never)
            throws SQLException, StoreException {
        Optional<Row> row = row(connection, form.kind(), name);
        known.check(form.kind(), name, row);
        if (row.isEmpty()) {
            return Versioned.never(never);
        }
        check(connection, form.kind(), name, row.get());
        return row.get().as(form);
    }

    /** The change that sets a document, if it still has the version that was expected. */
    static <T> Setting<T> set(Form<T> form, String name, long expectedVersion, T value, T never, String by) {
        checkBy(by);
        return new Setting<>(form, name, expectedVersion, value, never, by, form.encode(value));
    }

    /** The change of one document. */
    record Setting<T>(Form<T> form, String name, long expectedVersion, T value, T never, String by, Optional<Bytes> body)
            implements LogWriter.Mutation<Change<T>> {
        private Versioned<T> current(Connection connection, LogTransaction log) throws SQLException, StoreException {
            Optional<Row> row = row(connection, form.kind(), name);
            Known.of(log).check(form.kind(), name, row);
            // The leaves of this transaction are written at its end.
            if (row.isPresent() && row.get().sequence() < log.begin()) {
                check(connection, form.kind(), name, row.get());
            }
            return row.isPresent() ? row.get().as(form) : Versioned.never(never);
        }

        @Override
        public LogWriter.Outcome<Change<T>> in(Connection connection, LogTransaction log) throws SQLException, StoreException {
            Versioned<T> current = current(connection, log);
            if (current.version() != expectedVersion) {
                return receipts -> new Change.Conflict<>(current);
            }
            long version = current.version() + 1;
            Instant now = log.now().truncatedTo(ChronoUnit.MILLIS);
            log.documentChanged(form.kind(), name, version);
            long sequence = log.append(form.leaf(value), subject(name, version), digests(form.kind(), body, by));
            write(connection, form.kind(), name, new Row(version, body, by, now.toEpochMilli(), sequence));
            return receipts -> new Change.Made<>(new Versioned<>(version, value, by, now), receipts.of(sequence));
        }

        /** The change that sets another document first; both, or where one has another version than was expected, neither. */
        LogWriter.Mutation<Change<T>> after(Setting<?> first) {
            return (connection, log) -> {
                Versioned<T> current = current(connection, log);
                boolean both = current.version() == expectedVersion
                        && first.current(connection, log).version() == first.expectedVersion();
                if (!both) {
                    return receipts -> new Change.Conflict<>(current);
                }
                first.in(connection, log);
                return in(connection, log);
            };
        }
    }

    /** Reads a document of a further part of the service. */
    static Optional<LoggedStore.Document> plain(Connection connection, Known known, String kind, String name)
            throws SQLException, StoreException {
        Optional<Row> row = row(connection, kind, name);
        known.check(kind, name, row);
        if (row.isPresent() && row.get().sequence() < known.begin()) {
            check(connection, kind, name, row.get());
        }
        return row.map(each -> each.plain(name));
    }

    /** Reads the names of those documents of a kind that have a body, in the order that the database has for names. */
    static List<String> names(Connection connection, String kind, String after, int most) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT name FROM document WHERE kind = ? AND name > ? AND body IS NOT NULL ORDER BY name LIMIT ?")) {
            query.setString(1, kind);
            query.setString(2, after);
            query.setInt(3, most);
            List<String> names = new ArrayList<>();
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    names.add(found.getString(1));
                }
            }
            return List.copyOf(names);
        }
    }

    /** Sets a document of a further part of the service; it looked at what was there in the same transaction. */
    static LoggedStore.Document setPlain(
            Connection connection, LogTransaction log, String kind, String name, Optional<Bytes> body, String leaf, String by)
            throws SQLException, StoreException {
        checkBy(by);
        Optional<LoggedStore.Document> current = plain(connection, Known.of(log), kind, name);
        long version = current.map(LoggedStore.Document::version).orElse(0L) + 1;
        Instant now = log.now().truncatedTo(ChronoUnit.MILLIS);
        log.documentChanged(kind, name, version);
        long sequence = log.append(leaf, subject(name, version), digests(kind, body, by));
        Row row = new Row(version, body, by, now.toEpochMilli(), sequence);
        write(connection, kind, name, row);
        return row.plain(name);
    }

    /** Compares every document with the leaf that it names. */
    static void check(Connection connection) throws SQLException, StoreException {
        try (PreparedStatement query = connection.prepareStatement(
                        "SELECT version, body, set_by, set_at, sequence, kind, name FROM document");
                ResultSet found = query.executeQuery()) {
            while (found.next()) {
                check(connection, found.getString(6), found.getString(7), row(found));
            }
        }
    }

    private static void check(Connection connection, String kind, String name, Row row) throws SQLException, StoreException {
        LogEntry entry = SqlLog.entry(connection, row.sequence());
        Map<String, Bytes> said = new HashMap<>(entry.digests());
        said.remove(LogEntry.DOCUMENTS);
        if (!entry.subject().equals(subject(name, row.version())) || !said.equals(digests(kind, row.body(), row.setBy()))) {
            throw StoreException.damaged(kind + " '" + name + "' is not what leaf " + entry.sequence() + " of the log says");
        }
    }

    private static void checkBy(String by) {
        if (by.isEmpty() || by.length() > MAX_BY_CHARS || by.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("by: expected 1 to " + MAX_BY_CHARS + " characters, none of them a control character");
        }
    }

    private static String subject(String name, long version) {
        return name.isEmpty() ? "version " + version : name + " version " + version;
    }

    private static Map<String, Bytes> digests(String kind, Optional<Bytes> body, String by) {
        Map<String, Bytes> digests = new HashMap<>();
        digests.put("set-by", Bytes.sha256(by.getBytes(UTF_8)));
        body.ifPresent(content -> digests.put(kind, Bytes.sha256(content.toArray())));
        return digests;
    }

    private static Optional<Row> row(Connection connection, String kind, String name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT version, body, set_by, set_at, sequence FROM document WHERE kind = ? AND name = ?")) {
            query.setString(1, kind);
            query.setString(2, name);
            try (ResultSet found = query.executeQuery()) {
                return found.next() ? Optional.of(row(found)) : Optional.empty();
            }
        }
    }

    private static Row row(ResultSet found) throws SQLException {
        Optional<Bytes> body = Optional.ofNullable(found.getBytes(2)).map(Bytes::of);
        return new Row(found.getLong(1), body, found.getString(3), found.getLong(4), found.getLong(5));
    }

    private static void write(Connection connection, String kind, String name, Row row) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(
                "INSERT INTO document (kind, name, version, body, set_by, set_at, sequence) VALUES (?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (kind, name) DO UPDATE SET version = excluded.version, body = excluded.body,"
                        + " set_by = excluded.set_by, set_at = excluded.set_at, sequence = excluded.sequence")) {
            upsert.setString(1, kind);
            upsert.setString(2, name);
            upsert.setLong(3, row.version());
            upsert.setBytes(4, row.body().map(Bytes::toArray).orElse(null));
            upsert.setString(5, row.setBy());
            upsert.setLong(6, row.setAt());
            upsert.setLong(7, row.sequence());
            upsert.executeUpdate();
        }
    }
}
