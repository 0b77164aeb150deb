package org.innerkeep.attestation.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.innerkeep.attestation.store.StoreException.Code;

/** A PostgreSQL database that several instances share. */
final class PostgresqlDatabase implements Database {
    /**
     * Whoever changes something holds this advisory lock until the transaction ends, so that appends to the log come one after the
     * other, whichever instance they come from. The number is arbitrary and must stay the same ("innerkee").
     */
    static final long LOCK = 0x696e6e65726b6565L;

    /** Waits for the disk even where the server's default does not; a stronger default (waiting for replicas) stays. */
    private static final String WAIT_FOR_DISK = "SELECT set_config('synchronous_commit', CASE WHEN"
            + " current_setting('synchronous_commit') IN ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, false)";

    private static final int CONNECTIONS = 8;

    private final String name;
    private final Duration patience;
    private final HikariDataSource pool;

    private PostgresqlDatabase(String name, Duration patience, HikariDataSource pool) {
        this.name = name;
        this.patience = patience;
        this.pool = pool;
    }

    static PostgresqlDatabase open(StoreLocation.Postgresql location, Duration patience) throws StoreException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(location.url());
        config.setPoolName("innerkeep-store");
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setAutoCommit(false);
        config.setConnectionTimeout(Math.max(250, patience.toMillis()));
        config.setConnectionInitSql(WAIT_FOR_DISK);
        // Else the pool leaves the transaction of that statement open, and the setting goes when it is rolled back.
        config.setIsolateInternalQueries(true);
        config.addDataSourceProperty("ApplicationName", "innerkeep");
        config.addDataSourceProperty("reWriteBatchedInserts", "true");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        // A server that no longer answers must not hold a thread for ever. It cuts in after the server's own limits below.
        config.addDataSourceProperty("socketTimeout", Long.toString(patience.toSeconds() * 3 + 30));
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(config);
        } catch (HikariPool.PoolInitializationException | IllegalArgumentException e) {
            throw new StoreException(Code.UNREACHABLE, "store " + location + ": cannot be reached: " + e.getMessage(), e);
        }
        PostgresqlDatabase database = new PostgresqlDatabase(location.toString(), patience, pool);
        try {
            database.checkDurable();
        } catch (StoreException e) {
            pool.close();
            throw e;
        }
        return database;
    }

    private void checkDurable() throws StoreException {
        String fsync = read(connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet found = statement.executeQuery("SHOW fsync")) {
                return found.next() ? found.getString(1) : "unknown";
            }
        });
        if (!fsync.equals("on")) {
            throw new StoreException(Code.FAILED, "store " + name + ": expected the server to wait for its disk (fsync on), found fsync "
                    + fsync + "; what it acknowledges could be lost", null);
        }
    }

    @Override
    public <T> T read(Work<T> work) throws StoreException {
        return transaction(work, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", false);
    }

    /** Each statement sees what was committed before it began, so all that come after the lock see the work of whoever had it before. */
    @Override
    public <T> T write(Work<T> work) throws StoreException {
        long wait = patience.toMillis();
        return transaction(
                work,
                // Whatever the server's default: any other level looks before it waits for the lock, and then finds the past.
                "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = " + wait + "; SET LOCAL statement_timeout = " + wait * 2
                        + "; SET LOCAL idle_in_transaction_session_timeout = " + wait * 2
                        + "; SELECT pg_advisory_xact_lock(" + LOCK + ")",
                true);
    }

    private <T> T transaction(Work<T> work, String begin, boolean commit) throws StoreException {
        boolean committing = false;
        try (Connection connection = pool.getConnection()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(begin);
                T result = work.in(connection);
                if (commit) {
                    committing = true;
                    connection.commit();
                } else {
                    connection.rollback();
                }
                return result;
            } catch (SQLException | StoreException | RuntimeException e) {
                rollBackQuietly(connection);
                throw e;
            }
        } catch (SQLException e) {
            throw translated(e, committing);
        }
    }

    @Override
    public String inItsWords(String statement) {
        return statement
                .replace("{bytes}", "BYTEA")
                .replace("{number}", "BIGINT")
                .replace("{text}", "TEXT")
                .replace("{strict}", "");
    }

    @Override
    public boolean hasTable(Connection connection, String table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT 1 FROM pg_catalog.pg_tables WHERE tablename = ? AND schemaname = current_schema()")) {
            query.setString(1, table);
            try (ResultSet found = query.executeQuery()) {
                return found.next();
            }
        }
    }

    @Override
    public void close() {
        pool.close();
    }

    private static void rollBackQuietly(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException _) {
            // The connection is broken, and the server rolls back by itself. What was the matter is being reported.
        }
    }

    /** States are those of PostgreSQL's documentation, appendix "Error codes". */
    private StoreException translated(SQLException e, boolean committing) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (pool.isClosed()) {
            return new StoreException(Code.CLOSED, "store " + name + ": it is closed", e, committing);
        }
        return switch (state) {
            case "55P03", "57014", "40001", "40P01", "25P03" ->
                new StoreException(Code.BUSY, "store " + name + ": another instance holds it; try again", e);
            case "53100" -> new StoreException(Code.FULL, "store " + name + ": no room on the server's disk; make room, or prune old"
                    + " decisions", e);
            case "25006" -> new StoreException(Code.READ_ONLY, "store " + name + ": the server accepts no changes; is it a replica?", e);
            case "42501" -> new StoreException(Code.READ_ONLY, "store " + name + ": this user may not do that: " + e.getMessage(), e);
            case "XX001", "XX002" ->
                new StoreException(Code.CORRUPT, "store " + name + ": damaged; restore it from a copy: " + e.getMessage(), e);
            default -> state.isEmpty() || state.startsWith("08") || state.startsWith("57P")
                    ? new StoreException(
                            Code.UNREACHABLE, "store " + name + ": cannot be reached: " + e.getMessage(), e, committing)
                    : new StoreException(Code.FAILED, "store " + name + ": " + e.getMessage(), e, committing);
        };
    }
}
