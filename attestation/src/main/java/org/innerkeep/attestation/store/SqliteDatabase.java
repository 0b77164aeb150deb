package org.innerkeep.attestation.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.innerkeep.attestation.store.StoreException.Code;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteException;

/** One SQLite file: a connection that writes, and a few that read. */
final class SqliteDatabase implements Database {
    /** In the file's header, so that other programs do not take it for theirs ("Ikat"). */
    static final int APPLICATION_ID = 0x496b6174;

    /** What the pragma {@code synchronous} says for FULL. */
    private static final int SYNCHRONOUS_FULL = 2;

    private static final int READERS = 4;

    private final Path file;
    private final Duration patience;
    private final @Nullable Connection writer;
    private final ReentrantLock writing = new ReentrantLock();
    private final BlockingQueue<Connection> readers = new ArrayBlockingQueue<>(READERS);
    private volatile boolean closed;

    private SqliteDatabase(Path file, Duration patience, @Nullable Connection writer) {
        this.file = file;
        this.patience = patience;
        this.writer = writer;
    }

    /** Opens for reading and writing. */
    static SqliteDatabase open(Path file, Duration patience) throws StoreException {
        createPrivately(file);
        return connect(file, patience, true);
    }

    /** Opens for reading only; the file must be there. */
    static SqliteDatabase openToRead(Path file, Duration patience) throws StoreException {
        if (!Files.isRegularFile(file)) {
            throw new StoreException(Code.UNREACHABLE, "store " + file + ": no such file", null);
        }
        return connect(file, patience, false);
    }

    private static SqliteDatabase connect(Path file, Duration patience, boolean toWrite) throws StoreException {
        List<Connection> opened = new ArrayList<>();
        try {
            Connection writer = null;
            if (toWrite) {
                writer = connection(file, patience, false);
                opened.add(writer);
            }
            SqliteDatabase database = new SqliteDatabase(file, patience, writer);
            for (int i = 0; i < READERS; i++) {
                Connection reader = connection(file, patience, true);
                opened.add(reader);
                database.readers.add(reader);
            }
            return database;
        } catch (SQLException e) {
            opened.forEach(SqliteDatabase::closeQuietly);
            throw translated(file, e, false);
        }
    }

    /** What is kept is for the service's own user only. SQLite gives its two other files the permissions of this one. */
    private static void createPrivately(Path file) throws StoreException {
        FileAttribute<?>[] attributes = file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
                : new FileAttribute<?>[0];
        try {
            Files.createFile(file, attributes);
        } catch (FileAlreadyExistsException _) {
            // Its permissions are its owner's decision.
        } catch (IOException e) {
            throw new StoreException(Code.UNREACHABLE, "store " + file + ": cannot be created; is there such a folder, and may this user"
                    + " write to it?", e);
        }
    }

    /**
     * Transactions are begun and ended by statements: the driver's own way begins the next one as soon as one has ended, and so holds
     * the lock, or an old state, while nothing is done.
     */
    private static Connection connection(Path file, Duration patience, boolean readOnly) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout((int) patience.toMillis());
        if (readOnly) {
            config.setReadOnly(true);
        } else {
            config.setJournalMode(SQLiteConfig.JournalMode.WAL);
            config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        }
        Connection connection = config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
        try {
            if (!readOnly) {
                checkDurable(connection);
                checkOurs(connection);
            }
            // Nothing in the file but data may have an effect, and pages that make no sense are refused.
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA trusted_schema = OFF");
                statement.execute("PRAGMA cell_size_check = ON");
            }
            return connection;
        } catch (SQLException e) {
            closeQuietly(connection);
            throw e;
        }
    }

    /** A file system without shared memory leaves SQLite in another mode without a word. */
    private static void checkDurable(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet mode = statement.executeQuery("PRAGMA journal_mode")) {
                if (!mode.next() || !mode.getString(1).equalsIgnoreCase("wal")) {
                    throw new SQLException("expected SQLite to use its write-ahead log; is the file on a local disk?");
                }
            }
            try (ResultSet mode = statement.executeQuery("PRAGMA synchronous")) {
                if (!mode.next() || mode.getInt(1) != SYNCHRONOUS_FULL) {
                    throw new SQLException("expected SQLite to wait for the disk (synchronous FULL)");
                }
            }
        }
    }

    /** A database of another program is not touched. */
    private static void checkOurs(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int id;
            try (ResultSet found = statement.executeQuery("PRAGMA application_id")) {
                id = found.next() ? found.getInt(1) : 0;
            }
            if (id == APPLICATION_ID) {
                return;
            }
            try (ResultSet found = statement.executeQuery("SELECT 1 FROM sqlite_schema LIMIT 1")) {
                if (id != 0 || found.next()) {
                    throw new SQLException("expected a store or an empty file, found a database of another program");
                }
            }
            statement.execute("PRAGMA application_id = " + APPLICATION_ID);
        }
    }

    @Override
    public <T> T read(Work<T> work) throws StoreException {
        if (closed) {
            throw new StoreException(Code.CLOSED, "store " + file + ": it is closed", null);
        }
        Connection reader;
        try {
            reader = readers.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Code.INTERRUPTED, "store " + file + ": interrupted while waiting to read", e);
        }
        if (reader == null) {
            throw new StoreException(Code.BUSY, "store " + file + ": too many readers; try again", null);
        }
        try {
            execute(reader, "BEGIN");
            T result = work.in(reader);
            execute(reader, "ROLLBACK");
            return result;
        } catch (SQLException e) {
            rollBackQuietly(reader);
            throw translated(file, e, false);
        } catch (StoreException | RuntimeException e) {
            rollBackQuietly(reader);
            throw e;
        } finally {
            if (closed) {
                closeQuietly(reader);
            } else {
                readers.add(reader);
            }
        }
    }

    @Override
    public <T> T write(Work<T> work) throws StoreException {
        Connection connection = writer;
        if (connection == null) {
            throw new StoreException(Code.READ_ONLY, "store " + file + ": it was opened to be read", null);
        }
        boolean committing = false;
        writing.lock();
        try {
            if (closed) {
                throw new StoreException(Code.CLOSED, "store " + file + ": it is closed", null);
            }
            execute(connection, "BEGIN IMMEDIATE");
            T result = work.in(connection);
            committing = true;
            execute(connection, "COMMIT");
            return result;
        } catch (SQLException e) {
            rollBackQuietly(connection);
            throw translated(file, e, committing);
        } catch (StoreException | RuntimeException e) {
            rollBackQuietly(connection);
            throw e;
        } finally {
            writing.unlock();
        }
    }

    @Override
    public String inItsWords(String statement) {
        return words(statement);
    }

    /** The words of SQLite. */
    static String words(String statement) {
        return statement
                .replace("{bytes}", "BLOB")
                .replace("{number}", "INTEGER")
                .replace("{text}", "TEXT")
                .replace("{strict}", "STRICT");
    }

    @Override
    public boolean hasTable(Connection connection, String name) throws SQLException {
        return table(connection, name);
    }

    /** Whether a database of SQLite has a table. */
    static boolean table(Connection connection, String name) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")) {
            query.setString(1, name);
            try (ResultSet found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    @Override
    public void close() {
        writing.lock();
        try {
            closed = true;
            for (Connection reader = readers.poll(); reader != null; reader = readers.poll()) {
                closeQuietly(reader);
            }
            if (writer != null) {
                closeQuietly(writer);
            }
        } finally {
            writing.unlock();
        }
    }

    private static void execute(Connection connection, String statement) throws SQLException {
        try (Statement each = connection.createStatement()) {
            each.execute(statement);
        }
    }

    private static void rollBackQuietly(Connection connection) {
        try {
            execute(connection, "ROLLBACK");
        } catch (SQLException _) {
            // Some failures have rolled back already. What was the matter is being reported.
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException _) {
            // Everything acknowledged was committed.
        }
    }

    /** Result codes are those of SQLite's own documentation; the lower eight bits are the primary one. */
    private static StoreException translated(Path file, SQLException e, boolean committing) {
        int primary = e instanceof SQLiteException sqlite ? sqlite.getResultCode().code & 0xff : 1;
        return switch (primary) {
            case 5, 6 -> new StoreException(Code.BUSY, "store " + file + ": another process holds it; try again", e);
            case 13 -> new StoreException(Code.FULL, "store " + file + ": no room on the disk; make room, or prune old decisions", e);
            case 3, 8 -> new StoreException(Code.READ_ONLY, "store " + file + ": may not be written by this user", e);
            case 11, 26 -> new StoreException(
                    Code.CORRUPT, "store " + file + ": damaged, or no store; restore it from a copy: " + e.getMessage(), e);
            // Where the disk fails while committing, the commit may be found there after a restart.
            case 10 -> new StoreException(
                    Code.FAILED, "store " + file + ": the disk fails: " + e.getMessage(), e, committing);
            case 14 -> new StoreException(Code.UNREACHABLE, "store " + file + ": cannot be opened: " + e.getMessage(), e);
            default -> new StoreException(Code.FAILED, "store " + file + ": " + e.getMessage(), e, committing);
        };
    }
}
