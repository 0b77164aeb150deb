package org.innerkeep.attestation.store;

import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.LogSource;
import org.innerkeep.evidence.Bytes;

/** The log of a store that is only read, without the log's key: for whoever audits it. Safe for use by several threads. */
public final class StoredLog implements LogSource, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Database database;

    private StoredLog(Database database) {
        this.database = database;
    }

    /**
     * Opens a store to read its log. A running service is not disturbed. An SQLite file needs the two files beside it, and a folder that
     * may be written to.
     *
     * @param location where the store is
     * @return its log
     * @throws StoreException if it cannot be read or is no store
     */
    public static StoredLog open(StoreLocation location) throws StoreException {
        Database database = switch (location) {
            case StoreLocation.Sqlite sqlite -> SqliteDatabase.openToRead(sqlite.file(), PATIENCE);
            case StoreLocation.Postgresql postgresql -> PostgresqlDatabase.open(postgresql, PATIENCE);
            case StoreLocation.Memory _ -> throw new IllegalArgumentException("store: the one in memory is read by its own"
                    + " service alone");
        };
        try {
            if (!Schema.hasLog(database)) {
                throw new StoreException(StoreException.Code.SCHEMA, "store " + location + ": no store of this program", null);
            }
            return new StoredLog(database);
        } catch (StoreException e) {
            database.close();
            throw e;
        }
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
        return database.read((Connection connection) -> SqlLog.leaves(connection, from, most));
    }

    @Override
    public void close() {
        database.close();
    }
}
