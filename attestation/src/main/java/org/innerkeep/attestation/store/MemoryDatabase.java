package org.innerkeep.attestation.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.innerkeep.attestation.store.StoreException.Code;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * SQLite in memory, for where there is no disk of one's own. What a transaction changes is given to a {@link ChangeJournal}
 * before the transaction is committed, and whoever waits for it is answered after both. One connection does all, one transaction
 * at a time.
 *
 * <p>What is here and what the journal gives back at the next start are the same at any moment in which anybody is answered,
 * readers too. Where it is not known whether the journal has a change, that change is not here, and another, which changes
 * nothing, has to take its place before anything else is done. Where they can differ for good, nobody is answered any more.
 */
final class MemoryDatabase implements Database {
    private static final System.Logger LOG = System.getLogger("org.innerkeep.attestation.store");
    private static final String NAME = "store in memory: ";

    /**
     * An image of the database and its pieces are on the heap at once, with as much again of changes since, and the service needs
     * its own: it may have one in so many bytes of the heap.
     */
    private static final int OF_HEAP = 6;

    /** In quarters of the most: so much may be taken where strangers write. */
    private static final int STRANGERS = 3;

    private final SQLiteConnection connection;
    private final ChangeJournal journal;

    /** Fair: while changes are kept one after another, whoever only reads must come in between. */
    private final ReentrantLock lock = new ReentrantLock(true);

    /** The most bytes of the database. */
    private final long most;

    private volatile long bytes;
    private boolean closed;

    /** Whether the journal may have a change that is not here. */
    private boolean doubtful;

    /**
     * Before this, in nanoseconds of the system's timer, a doubt is not settled: a host that does not answer takes long each
     * time.
     */
    private long nextTry = System.nanoTime();

    /** Why nobody is answered any more. */
    private Optional<StoreException> ended = Optional.empty();

    private MemoryDatabase(SQLiteConnection connection, ChangeJournal journal, long most) {
        this.connection = connection;
        this.journal = journal;
        this.most = most;
    }

    /** Opens within what the heap has room for. */
    static MemoryDatabase open(ChangeJournal journal) throws StoreException {
        return open(journal, Runtime.getRuntime().maxMemory() / OF_HEAP);
    }

    /** Opens with what the journal has, and begins it anew: nothing of an earlier life is written behind. */
    static MemoryDatabase open(ChangeJournal journal, long most) throws StoreException {
        MemoryDatabase opened = null;
        boolean done = false;
        try {
            opened = new MemoryDatabase((SQLiteConnection) DriverManager.getConnection("jdbc:sqlite::memory:"), journal, most);
            // First: there is no disk, and where there is one by mistake, nothing that is sorted may be written to it.
            opened.execute("PRAGMA temp_store = MEMORY");
            opened.execute("PRAGMA trusted_schema = OFF");
            journal.replay(opened.new Replay());
            // An image of it is a store's file, for whoever recovers it.
            opened.execute("PRAGMA application_id = " + SqliteDatabase.APPLICATION_ID);
            // Where it is larger already, by a larger heap of before, this leaves it as it is and lets it grow no more.
            opened.execute("PRAGMA max_page_count = " + Math.max(1, most / opened.pragma("page_size")));
            opened.measure();
            journal.image(opened.connection.serialize("main"));
            done = true;
            return opened;
        } catch (SQLException e) {
            throw new StoreException(Code.FAILED, NAME + e.getMessage(), e);
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw new StoreException(Code.UNREACHABLE, NAME + e.getMessage(), e);
        } finally {
            if (opened != null && !done) {
                opened.close();
            }
        }
    }

    private final class Replay implements ChangeJournal.Reader {
        @Override
        public void image(byte[] database) throws IOException {
            if (database.length == 0) {
                return;
            }
            try {
                connection.deserialize("main", database);
            } catch (SQLException e) {
                throw corrupt(e);
            }
        }

        @Override
        public void change(byte[] change) throws IOException {
            try {
                RecordedChange recorded = RecordedChange.parse(change);
                execute("BEGIN IMMEDIATE");
                recorded.make(connection);
                execute("COMMIT");
            } catch (SQLException | MalformedException e) {
                throw corrupt(e);
            }
        }

        private StoreException corrupt(Exception e) {
            return new StoreException(Code.CORRUPT, NAME + "what its journal has does not fit together: " + e.getMessage(), e);
        }
    }

    /** Before any transaction: afterwards, what is here is what the journal has. */
    private void requireKnown() throws StoreException {
        if (closed) {
            throw new StoreException(Code.CLOSED, NAME + "it is closed", null);
        }
        if (ended.isPresent()) {
            StoreException why = ended.get();
            throw new StoreException(why.code(), String.valueOf(why.getMessage()), why);
        }
        if (doubtful) {
            settleDoubt();
        }
    }

    /** Puts a change that changes nothing in the place of the one that may be kept. */
    private void settleDoubt() throws StoreException {
        if (System.nanoTime() - nextTry < 0) {
            throw new StoreException(Code.UNREACHABLE, NAME + "it is not known whether the last change is kept, and whoever keeps"
                    + " it did not answer a moment ago; try again", null);
        }
        try {
            append(RecordedChange.NOTHING.encode());
        } catch (StoreException e) {
            // An image takes its place as well, and has room where a change has none.
            renewImage();
            if (doubtful || ended.isPresent()) {
                // Whoever asks now changed nothing.
                throw new StoreException(e.code(), String.valueOf(e.getMessage()), e);
            }
        }
    }

    @Override
    public <T> T read(Work<T> work) throws StoreException {
        lock.lock();
        try {
            requireKnown();
            execute("BEGIN");
            try {
                return work.in(connection);
            } finally {
                rollBackQuietly();
            }
        } catch (SQLException e) {
            throw failed(e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public <T> T write(Work<T> work) throws StoreException {
        lock.lock();
        try {
            requireKnown();
            try {
                return transaction(work);
            } finally {
                renewImage();
            }
        } catch (SQLException e) {
            throw failed(e);
        } finally {
            lock.unlock();
        }
    }

    private <T> T transaction(Work<T> work) throws SQLException, StoreException {
        execute("BEGIN IMMEDIATE");
        boolean kept = false;
        boolean committed = false;
        try {
            ChangeRecorder recorder = ChangeRecorder.over(connection);
            T result = work.in(recorder.connection());
            RecordedChange change = recorder.recorded();
            if (!change.isEmpty()) {
                append(change.encode());
                kept = true;
            }
            commit();
            committed = true;
            measure();
            return result;
        } finally {
            if (!committed) {
                if (kept) {
                    // Whatever was the matter, an error of the machine's too: the journal has what is not here.
                    end(Code.CORRUPT, "the last change is kept, and could not be made here: start again", null);
                }
                rollBack();
            }
        }
    }

    /** Nothing of what was not committed may be in an image, or in what anybody reads. */
    private void rollBack() {
        rollBackQuietly();
        try {
            // Only where no transaction is left.
            execute("BEGIN");
            execute("ROLLBACK");
        } catch (SQLException e) {
            end(Code.CORRUPT, "a change that was not made could not be taken back (" + e.getMessage() + "): start again", e);
        }
    }

    private void commit() throws StoreException {
        try {
            execute("COMMIT");
        } catch (SQLException e) {
            throw new StoreException(Code.CORRUPT, NAME + "the change is kept, and cannot be made here (" + e.getMessage()
                    + "): start again", e, true);
        }
    }

    @Override
    public boolean hasRoomForStrangers() {
        return bytes <= most / 4 * STRANGERS;
    }

    /** Of no change's business: what was committed was. */
    private void measure() {
        try {
            bytes = (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.WARNING, NAME + "its size is not known: " + e.getMessage());
        }
    }

    private long pragma(String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("PRAGMA " + name)) {
            if (!found.next()) {
                throw new SQLException("SQLite does not say its " + name);
            }
            return found.getLong(1);
        }
    }

    private StoreException failed(SQLException e) {
        if (e instanceof SQLiteException sqlite && sqlite.getResultCode() == SQLiteErrorCode.SQLITE_FULL) {
            return new StoreException(Code.FULL, NAME + "it has the " + most + " bytes that it may have of the heap; prune old"
                    + " decisions, or give it more memory", e);
        }
        return new StoreException(Code.FAILED, NAME + e.getMessage(), e);
    }

    /** Where this does not return, and the journal did not refuse it, it is not known whether it has the change. */
    private void append(byte[] change) throws StoreException {
        boolean before = doubtful;
        long began = System.nanoTime();
        doubtful = true;
        try {
            journal.append(change);
            doubtful = false;
        } catch (ChangeJournal.RefusedException e) {
            doubtful = before;
            throw new StoreException(Code.FULL, NAME + e.getMessage(), e);
        } catch (ChangeJournal.EndedException e) {
            throw end(Code.ROLLED_BACK, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new StoreException(Code.UNREACHABLE, NAME + "it is not known that the change is kept: " + e.getMessage(), e,
                    true);
        } finally {
            long now = System.nanoTime();
            nextTry = now + (now - began);
        }
    }

    /** For good: LogWriter goes no further from here either. */
    private StoreException end(Code code, String why, @Nullable Exception cause) {
        StoreException end = new StoreException(code, NAME + why, cause, true);
        ended = Optional.of(end);
        return end;
    }

    /** What was changed is kept already, or was not made, so a failure here is none of whoever changed it. */
    private void renewImage() {
        if (ended.isPresent() || !journal.wantsImage()) {
            return;
        }
        try {
            journal.image(connection.serialize("main"));
            doubtful = false;
        } catch (ChangeJournal.EndedException e) {
            end(Code.ROLLED_BACK, String.valueOf(e.getMessage()), e);
        } catch (SQLException | IOException | RuntimeException | OutOfMemoryError e) {
            LOG.log(System.Logger.Level.WARNING, NAME + "no new image of it could be kept; the changes since the last one are: "
                    + e.getMessage());
        }
    }

    @Override
    public String inItsWords(String statement) {
        return SqliteDatabase.words(statement);
    }

    @Override
    public boolean hasTable(Connection of, String name) throws SQLException {
        return SqliteDatabase.table(of, name);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            connection.close();
        } catch (SQLException _) {
            // Everything that was acknowledged is in the journal.
        } finally {
            lock.unlock();
        }
    }

    private void execute(String statement) throws SQLException {
        try (Statement each = connection.createStatement()) {
            each.execute(statement);
        }
    }

    private void rollBackQuietly() {
        try {
            execute("ROLLBACK");
        } catch (SQLException _) {
            // Some failures have rolled back already. What was the matter is being reported.
        }
    }
}
