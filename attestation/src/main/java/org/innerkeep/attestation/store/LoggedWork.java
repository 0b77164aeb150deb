package org.innerkeep.attestation.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.evidence.Bytes;

/** Work of a further part of the service on one connection. Used by one thread. */
final class LoggedWork implements LoggedStore.Writer {
    /** The digest of a record in its leaf. */
    private static final String RECORD = "record";

    private static final Pattern KIND = Pattern.compile("[a-z][a-z-]{0,31}");
    private static final Pattern NAME = Pattern.compile("[ -~]{1,100}");
    private static final Pattern PLACE = Pattern.compile("[ -~]{1,200}");
    private static final int MAX_SPENT_BYTES = 64;

    private final Connection connection;
    private final Optional<LogTransaction> log;
    private final DocumentVersions before;
    private OptionalLong last = OptionalLong.empty();

    private LoggedWork(Connection connection, Optional<LogTransaction> log, DocumentVersions before) {
        this.connection = connection;
        this.log = log;
        this.before = before;
    }

    /** Reads, and finds no document in an older version than this instance knew before. */
    static LoggedWork reading(Connection connection, DocumentVersions before) {
        return new LoggedWork(connection, Optional.empty(), before);
    }

    static LoggedWork writing(Connection connection, LogTransaction log) {
        return new LoggedWork(connection, Optional.of(log), log.documents());
    }

    /** The last leaf that was appended. */
    OptionalLong last() {
        return last;
    }

    private LogTransaction log() {
        return log.orElseThrow(() -> new IllegalStateException("this transaction reads only"));
    }

    private DocumentVersions versions() {
        return log.map(LogTransaction::documents).orElse(before);
    }

    private Documents.Known known() {
        return log.map(Documents.Known::of).orElseGet(() -> Documents.Known.before(before));
    }

    @Override
    public long version(String kind, String name) {
        return versions().version(kind, name);
    }

    @Override
    public Set<String> names(String kind) {
        return versions().names(kind);
    }

    @Override
    public Instant now() {
        return log().now();
    }

    @Override
    public Optional<LoggedStore.Document> document(String kind, String name) throws SQLException, StoreException {
        return Documents.plain(connection, known(), checked(KIND, "kind", kind), checked(NAME, "name", name));
    }

    @Override
    public List<String> names(String kind, String after, int most) throws SQLException {
        return Documents.names(connection, checked(KIND, "kind", kind), after, checkedPage(most));
    }

    @Override
    public LoggedStore.Document set(String kind, String name, Optional<Bytes> body, String leaf, String by)
            throws SQLException, StoreException {
        checked(KIND, "kind", kind);
        checked(NAME, "name", name);
        body.ifPresent(LoggedWork::checkSize);
        LoggedStore.Document set = Documents.setPlain(connection, log(), kind, name, body, leaf, by);
        last = OptionalLong.of(set.sequence());
        return set;
    }

    @Override
    public boolean spent(Bytes value) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT 1 FROM spent WHERE value = ?")) {
            query.setBytes(1, checkSpent(value).toArray());
            try (ResultSet found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    @Override
    public boolean spend(Bytes value, Instant until) throws SQLException {
        long now = now().toEpochMilli();
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM spent WHERE until < ?")) {
            delete.setLong(1, now);
            delete.executeUpdate();
        }
        if (spent(value)) {
            return false;
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO spent (value, until) VALUES (?, ?)")) {
            insert.setBytes(1, value.toArray());
            insert.setLong(2, until.toEpochMilli());
            insert.executeUpdate();
        }
        return true;
    }

    @Override
    public long tally(String place) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT amount FROM tally WHERE place = ?")) {
            query.setString(1, checked(PLACE, "place", place));
            try (ResultSet found = query.executeQuery()) {
                return found.next() ? found.getLong(1) : 0;
            }
        }
    }

    @Override
    public long add(String place, long more) throws SQLException {
        if (more < 0) {
            throw new IllegalArgumentException("amount: expected one that is not negative, found " + more);
        }
        log();
        long sum = Math.addExact(tally(place), more);
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO tally (place, amount) VALUES (?, ?)"
                + " ON CONFLICT (place) DO UPDATE SET amount = excluded.amount")) {
            upsert.setString(1, place);
            upsert.setLong(2, sum);
            upsert.executeUpdate();
        }
        return sum;
    }

    @Override
    public long happened(String kind, String name, Bytes record, Map<String, Bytes> digests) throws SQLException {
        checked(KIND, "kind", kind);
        checked(NAME, "name", name);
        checkSize(record);
        Map<String, Bytes> all = new HashMap<>(digests);
        all.put(RECORD, Bytes.sha256(record.toArray()));
        long sequence = log().append(kind, name, all);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO event (sequence, kind, name, record) VALUES (?, ?, ?, ?)")) {
            insert.setLong(1, sequence);
            insert.setString(2, kind);
            insert.setString(3, name);
            insert.setBytes(4, record.toArray());
            insert.executeUpdate();
        }
        last = OptionalLong.of(sequence);
        return sequence;
    }

    @Override
    public List<LoggedStore.Event> events(String kind, String name, long before, int most) throws SQLException, StoreException {
        List<LoggedStore.Event> events = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT sequence, record FROM event"
                + " WHERE kind = ? AND name = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?")) {
            query.setString(1, checked(KIND, "kind", kind));
            query.setString(2, checked(NAME, "name", name));
            query.setLong(3, before);
            query.setInt(4, checkedPage(most));
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    events.add(new LoggedStore.Event(found.getLong(1), Bytes.of(found.getBytes(2))));
                }
            }
        }
        for (LoggedStore.Event event : events) {
            // Leaves of this transaction are written at its end, so what they say cannot be compared yet.
            if (event.sequence() < known().begin()) {
                LogEntry entry = SqlLog.entry(connection, event.sequence());
                if (!entry.kind().equals(kind) || !entry.subject().equals(name)
                        || !entry.digest(RECORD).equals(Optional.of(Bytes.sha256(event.record().toArray())))) {
                    throw StoreException.damaged("the record " + event.sequence() + " is not what its leaf in the log says");
                }
            }
        }
        return List.copyOf(events);
    }

    @Override
    public void forget(String kind, String name, int keep) throws SQLException {
        if (keep < 1) {
            throw new IllegalArgumentException("keep: expected at least 1, found " + keep);
        }
        log();
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM event WHERE kind = ? AND name = ? AND sequence <="
                + " (SELECT sequence FROM event WHERE kind = ? AND name = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?)")) {
            delete.setString(1, checked(KIND, "kind", kind));
            delete.setString(2, checked(NAME, "name", name));
            delete.setString(3, kind);
            delete.setString(4, name);
            delete.setInt(5, keep);
            delete.executeUpdate();
        }
    }

    private static String checked(Pattern form, String what, String text) {
        if (!form.matcher(text).matches()) {
            throw new IllegalArgumentException(what + ": expected text of the form " + form);
        }
        return text;
    }

    private static int checkedPage(int most) {
        if (most < 1 || most > LoggedStore.MAX_PAGE) {
            throw new IllegalArgumentException("most: expected 1 to " + LoggedStore.MAX_PAGE + ", found " + most);
        }
        return most;
    }

    private static Bytes checkSpent(Bytes value) {
        if (value.length() == 0 || value.length() > MAX_SPENT_BYTES) {
            throw new IllegalArgumentException("value: expected 1 to " + MAX_SPENT_BYTES + " bytes, found " + value.length());
        }
        return value;
    }

    private static void checkSize(Bytes body) {
        if (body.length() > LoggedStore.MAX_BYTES) {
            throw new IllegalArgumentException("expected at most " + LoggedStore.MAX_BYTES + " bytes, found " + body.length());
        }
    }
}
