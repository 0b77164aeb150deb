package org.innerkeep.attestation.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.log.TransparencyLog;
import org.innerkeep.attestation.store.StoreException.Code;
import org.innerkeep.evidence.Bytes;

/** The store in a database of either kind. */
final class SqlStore implements AttestationStore, LoggedStore {
    private static final String LOG_ID = "log-id";
    private static final String NONCE_SECRET = "nonce-secret";

    /** Roughly; such changes are rare. */
    private static final long MOST_OF_A_LIST = 1024L * 1024;

    private final Database database;
    private final LogWriter writer;
    private final SqlLog log;
    private final boolean keepContents;
    private final byte[] nonceSecret;

    private SqlStore(Database database, LogWriter writer, SqlLog log, boolean keepContents, byte[] nonceSecret) {
        this.database = database;
        this.writer = writer;
        this.log = log;
        this.keepContents = keepContents;
        this.nonceSecret = nonceSecret;
    }

    static SqlStore open(StoreOptions options) throws StoreException {
        Database database = Database.open(options);
        boolean opened = false;
        try {
            SqlStore store = open(database, options);
            opened = true;
            return store;
        } finally {
            if (!opened) {
                database.close();
            }
        }
    }

    private static SqlStore open(Database database, StoreOptions options) throws StoreException {
        if (!Schema.isCurrent(database)) {
            Schema.apply(database);
        }
        Bytes logId = options.logKey().anchor().id();
        RollbackGuard guard = new RollbackGuard(options.keptHead());
        if (fact(database, LOG_ID).isEmpty()) {
            guard.checkEmpty();
            LogWriter.first(database, options.logKey(), options.clock(), (connection, log) -> create(connection, log, logId));
        }
        Optional<byte[]> belongsTo = fact(database, LOG_ID);
        if (belongsTo.isEmpty() || !Bytes.of(belongsTo.get()).equals(logId)) {
            throw new StoreException(Code.WRONG_KEY, "store " + options.location() + ": expected the log key with the id "
                    + belongsTo.map(id -> Bytes.of(id).shortHex()).orElse("none") + ", found " + logId.shortHex()
                    + "; give the key that the store was made with", null);
        }
        byte[] nonceSecret = fact(database, NONCE_SECRET).orElse(new byte[0]);
        if (nonceSecret.length != NONCE_SECRET_LENGTH) {
            throw SqlLog.corrupt("the secret for nonces is missing");
        }
        LogWriter writer = new LogWriter(database, options.logKey(), options.clock(), options.maxWaiting(), guard);
        database.read(connection -> {
            Documents.check(connection);
            return Boolean.TRUE;
        });
        writer.start();
        return new SqlStore(
                database, writer, new SqlLog(database, options.logKey().anchor()), options.keepContents(), nonceSecret);
    }

    private static LogWriter.Outcome<Boolean> create(Connection connection, LogTransaction log, Bytes logId) throws SQLException {
        byte[] secret = new byte[NONCE_SECRET_LENGTH];
        new SecureRandom().nextBytes(secret);
        writeFact(connection, LOG_ID, logId.toArray());
        writeFact(connection, NONCE_SECRET, secret);
        log.append(LogEntry.CREATED, "", Map.of("log-key", logId));
        return receipts -> Boolean.TRUE;
    }

    private static void writeFact(Connection connection, String name, byte[] value) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO fact (name, value) VALUES (?, ?)")) {
            insert.setString(1, name);
            insert.setBytes(2, value);
            insert.executeUpdate();
        }
    }

    private static Optional<byte[]> fact(Database database, String name) throws StoreException {
        return database.read(connection -> {
            try (PreparedStatement query = connection.prepareStatement("SELECT value FROM fact WHERE name = ?")) {
                query.setString(1, name);
                try (ResultSet found = query.executeQuery()) {
                    return found.next() ? Optional.of(found.getBytes(1)) : Optional.empty();
                }
            }
        });
    }

    private <T> Versioned<T> read(Documents.Form<T> form, String name, T never) throws StoreException {
        Documents.Known known = Documents.Known.before(writer.documents());
        return database.read(connection -> Documents.read(connection, known, form, name, never));
    }

    @Override
    public Versioned<Optional<String>> policy(String type) throws StoreException {
        String checked = checkType(type);
        return read(new Forms.Policy(), checked, Optional.empty());
    }

    @Override
    public Change<Optional<String>> setPolicy(String type, long expectedVersion, String text, String by) throws StoreException {
        return writer.make(policySetting(type, expectedVersion, Optional.of(text), by), text.length() * 2L);
    }

    @Override
    public Change<Optional<String>> resetPolicy(String type, long expectedVersion, String by) throws StoreException {
        return writer.make(policySetting(type, expectedVersion, Optional.empty(), by), 0);
    }

    @Override
    public Change<Optional<String>> setApprovedPolicy(
            String type, long expectedVersion, Optional<String> text, String by, Approval approval) throws StoreException {
        return writer.make(
                policySetting(type, expectedVersion, text, by).after(pendingSetting(approval)),
                text.map(String::length).orElse(0) * 2L + bytes(approval.changes()));
    }

    private static Documents.Setting<Optional<String>> policySetting(
            String type, long expectedVersion, Optional<String> text, String by) {
        if (text.isPresent() && text.get().length() > MAX_POLICY_CHARS) {
            throw new IllegalArgumentException(
                    "policy: expected at most " + MAX_POLICY_CHARS + " characters, found " + text.get().length());
        }
        if (text.isPresent() && !UTF_8.newEncoder().canEncode(text.get())) {
            throw new IllegalArgumentException("policy: expected well-formed UTF-16, found an unpaired surrogate");
        }
        return Documents.set(new Forms.Policy(), checkType(type), expectedVersion, text, Optional.<String>empty(), by);
    }

    @Override
    public Versioned<List<Bytes>> policySigners() throws StoreException {
        return read(new Forms.Signers(), "", List.of());
    }

    @Override
    public Change<List<Bytes>> setPolicySigners(long expectedVersion, List<Bytes> certificates, String by) throws StoreException {
        return writer.make(signersSetting(expectedVersion, certificates, by), MOST_OF_A_LIST);
    }

    @Override
    public Change<List<Bytes>> setApprovedSigners(long expectedVersion, List<Bytes> certificates, String by, Approval approval)
            throws StoreException {
        return writer.make(
                signersSetting(expectedVersion, certificates, by).after(pendingSetting(approval)),
                MOST_OF_A_LIST + bytes(approval.changes()));
    }

    private static Documents.Setting<List<Bytes>> signersSetting(long expectedVersion, List<Bytes> certificates, String by) {
        List<Bytes> all = List.copyOf(certificates);
        if (all.size() > Forms.MAX_SIGNERS
                || all.stream().anyMatch(each -> each.length() == 0 || each.length() > SigningKey.MAX_CERTIFICATE_BYTES)) {
            throw new IllegalArgumentException("policy signers: expected at most " + Forms.MAX_SIGNERS + " certificates of 1 to "
                    + SigningKey.MAX_CERTIFICATE_BYTES + " bytes");
        }
        return Documents.set(new Forms.Signers(), "", expectedVersion, all, List.<Bytes>of(), by);
    }

    @Override
    public Versioned<List<PendingChange>> pendingChanges() throws StoreException {
        return read(new Forms.Pending(), "", List.of());
    }

    @Override
    public Change<List<PendingChange>> setPendingChanges(long expectedVersion, List<PendingChange> changes, String by)
            throws StoreException {
        return writer.make(pendingSetting(new Approval(expectedVersion, changes, by)), bytes(changes));
    }

    private static Documents.Setting<List<PendingChange>> pendingSetting(Approval list) {
        if (list.changes().size() > PendingChange.MAX) {
            throw new IllegalArgumentException("pending changes: expected at most " + PendingChange.MAX);
        }
        return Documents.set(
                new Forms.Pending(), "", list.expectedVersion(), list.changes(), List.<PendingChange>of(), list.by());
    }

    private static long bytes(List<PendingChange> changes) {
        return MOST_OF_A_LIST + changes.stream().mapToLong(each -> each.text().length()).sum();
    }

    @Override
    public Versioned<Integer> approvals() throws StoreException {
        return read(new Forms.Approvals(), "", 1);
    }

    @Override
    public Change<Integer> setApprovals(long expectedVersion, int number, String by) throws StoreException {
        if (number < 1 || number > Forms.MAX_APPROVALS) {
            throw new IllegalArgumentException("approvals: expected 1 or " + Forms.MAX_APPROVALS + ", found " + number);
        }
        return writer.make(Documents.set(new Forms.Approvals(), "", expectedVersion, number, 1, by), 0);
    }

    @Override
    public Versioned<List<SigningKey>> signingKeys() throws StoreException {
        return read(new Forms.Keys(), "", List.of());
    }

    @Override
    public Change<List<SigningKey>> setSigningKeys(long expectedVersion, List<SigningKey> keys, String by) throws StoreException {
        List<SigningKey> all = List.copyOf(keys);
        Set<String> ids = new HashSet<>();
        all.forEach(key -> ids.add(key.kid()));
        if (all.size() > Forms.MAX_KEYS || ids.size() != all.size()) {
            throw new IllegalArgumentException("signing keys: expected at most " + Forms.MAX_KEYS + " of different ids");
        }
        return writer.make(Documents.set(new Forms.Keys(), "", expectedVersion, all, List.<SigningKey>of(), by), MOST_OF_A_LIST);
    }

    @Override
    public byte[] nonceSecret() {
        return nonceSecret.clone();
    }

    @Override
    public Receipt record(Decision decision) throws StoreException {
        return writer.makeForStrangers(Decisions.add(decision, keepContents), decision.bytes());
    }

    @Override
    public Optional<RecordedDecision> decision(long sequence) throws StoreException {
        return database.read(connection -> Decisions.read(connection, sequence));
    }

    @Override
    public Pruned prune(Instant before) throws StoreException {
        long decisions = 0;
        long contents = 0;
        while (true) {
            Pruned some = writer.make(Decisions.deleteSome(before, decisions + contents == 0), 0);
            if (some.decisions() + some.contents() == 0) {
                return new Pruned(decisions, contents);
            }
            decisions += some.decisions();
            contents += some.contents();
        }
    }

    @Override
    public LoggedStore further() {
        return this;
    }

    @Override
    public <T> T look(Reading<T> reading) throws StoreException {
        // Known before the read begins: what it finds may be newer, and never older.
        DocumentVersions known = writer.documents();
        return database.read(connection -> reading.in(LoggedWork.reading(connection, known)));
    }

    @Override
    public <T> Done<T> work(Work<T> work, long bytes) throws StoreException {
        return writer.make(mutation(work), bytes);
    }

    @Override
    public <T> Done<T> workForStrangers(Work<T> work, long bytes) throws StoreException {
        return writer.makeForStrangers(mutation(work), bytes);
    }

    private static <T> LogWriter.Mutation<Done<T>> mutation(Work<T> work) {
        return (connection, log) -> {
            LoggedWork doing = LoggedWork.writing(connection, log);
            T value = done(work, doing);
            OptionalLong last = doing.last();
            return receipts -> new Done<>(
                    value, last.isPresent() ? Optional.of(receipts.of(last.getAsLong())) : Optional.empty());
        };
    }

    /** What is wrong with one change must not become that of others which share its transaction. */
    private static <T> T done(Work<T> work, LoggedWork doing) throws SQLException, StoreException {
        try {
            return work.in(doing);
        } catch (RuntimeException e) {
            throw new StoreException(Code.FAILED, "store: a change cannot be made: " + e.getMessage(), e);
        }
    }

    @Override
    public TransparencyLog log() {
        return log;
    }

    @Override
    public Optional<StoreException> writeFailure() {
        return writer.failure();
    }

    @Override
    public void close() {
        writer.close();
        database.close();
    }

    private static String checkType(String type) {
        if (!DecisionRecord.TYPE.matcher(type).matches()) {
            throw new IllegalArgumentException("type: expected 1 to 64 characters A-Z, a-z, 0-9");
        }
        return type;
    }
}
