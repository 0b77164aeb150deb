package org.innerkeep.attestation.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.ReentrantLock;
import org.innerkeep.attestation.store.StoreException.Code;
import org.innerkeep.evidence.MalformedException;
import org.sqlite.SQLiteConnection;

/**
 * SQLite in memory, for where there is no disk of one's own. What a transaction changes is given to a {@link ChangeJournal}
 * before the transaction is committed, and whoever waits for it is answered after both. One connection does all, one transaction
 * at a time.
 */
final class MemoryDatabase implements Database {
    private static final System.Logger LOG = System.getLogger("org.innerkeep.attestation.store");
    private static final String NAME = "store in memory: ";

    private final SQLiteConnection connection;
    private final ChangeJournal journal;

    /** Fair: while changes are kept one after another, whoever only reads must come in between. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private boolean closed;

    private MemoryDatabase(SQLiteConnection connection, ChangeJournal journal) {
        this.connection = connection;
        this.journal = journal;
    }

    /** Opens with what the journal has, and begins it anew: nothing of an earlier life is written behind. */
    static MemoryDatabase open(ChangeJournal journal) throws StoreException {
        MemoryDatabase opened = null;
        boolean done = false;
        try {
            opened = new MemoryDatabase((SQLiteConnection) DriverManager.getConnection("jdbc:sqlite::memory:"), journal);
            opened.execute("PRAGMA trusted_schema = OFF");
            journal.replay(opened.new Replay());
            // An image of it is a store's file, for whoever recovers it.
            opened.execute("PRAGMA application_id = " + SqliteDatabase.APPLICATION_ID);
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

    private void checkOpen() throws StoreException {
        if (closed) {
            throw new StoreException(Code.CLOSED, NAME + "it is closed", null);
        }
    }

    @Override
    public <T> T read(Work<T> work) throws StoreException {
        lock.lock();
        try {
            checkOpen();
            execute("BEGIN");
            try {
                return work.in(connection);
            } finally {
                rollBackQuietly();
            }
        } catch (SQLException e) {
            throw new StoreException(Code.FAILED, NAME + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public <T> T write(Work<T> work) throws StoreException {
        lock.lock();
        try {
            checkOpen();
            execute("BEGIN IMMEDIATE");
            boolean committed = false;
            T result;
            try {
                ChangeRecorder recorder = ChangeRecorder.over(connection);
                result = work.in(recorder.connection());
                RecordedChange change = recorder.recorded();
                if (!change.isEmpty()) {
                    append(change);
                }
                commit();
                committed = true;
            } finally {
                if (!committed) {
                    rollBackQuietly();
                }
            }
            renewImage();
            return result;
        } catch (SQLException e) {
            throw new StoreException(Code.FAILED, NAME + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    private void append(RecordedChange change) throws StoreException {
        try {
            journal.append(change.encode());
        } catch (ChangeJournal.EndedException e) {
            throw ended(e);
        } catch (IOException e) {
            throw new StoreException(Code.UNREACHABLE, NAME + "it is not known that the change is kept: " + e.getMessage(), e,
                    true);
        }
    }

    /** For good: LogWriter goes no further from here. */
    private static StoreException ended(ChangeJournal.EndedException e) {
        return new StoreException(Code.ROLLED_BACK, NAME + e.getMessage(), e, true);
    }

    private void commit() throws StoreException {
        try {
            execute("COMMIT");
        } catch (SQLException e) {
            throw new StoreException(Code.CORRUPT, NAME + "the change is kept, and cannot be made here (" + e.getMessage()
                    + "): start again", e, true);
        }
    }

    /** What was changed is kept already, so a failure here is none of whoever changed it. */
    private void renewImage() {
        if (!journal.wantsImage()) {
            return;
        }
        try {
            journal.image(connection.serialize("main"));
        } catch (SQLException | IOException e) {
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
