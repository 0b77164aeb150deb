package org.innerkeep.attestation.store;

import java.sql.Connection;
import java.sql.SQLException;

/** A database, as the store needs it: transactions of two kinds, and the few words in which databases differ. */
interface Database extends AutoCloseable {
    /** What is done inside a transaction. It may be run again in another one, so it must change nothing else. */
    @FunctionalInterface
    interface Work<T> {
        T in(Connection connection) throws SQLException, StoreException;
    }

    /** Runs work that sees one unchanging state and changes nothing. */
    <T> T read(Work<T> work) throws StoreException;

    /**
     * Runs work while nobody else, in this process or another, runs work by this method; then commits, and returns once the commit is on
     * disk. Where it throws, the transaction was rolled back, unless {@link StoreException#mayHaveHappened()}.
     */
    <T> T write(Work<T> work) throws StoreException;

    /** Whether there is room for what strangers have written; what little is left is for those who make room. */
    default boolean hasRoomForStrangers() {
        return true;
    }

    /** Puts the words of this database into a statement of a schema file. */
    String inItsWords(String statement);

    /** Whether the database has a table of this name. */
    boolean hasTable(Connection connection, String name) throws SQLException;

    @Override
    void close();

    /** Opens the database of a location, and creates an SQLite file that is not there. */
    static Database open(StoreOptions options) throws StoreException {
        return switch (options.location()) {
            case StoreLocation.Sqlite sqlite -> SqliteDatabase.open(sqlite.file(), options.patience());
            case StoreLocation.Postgresql postgresql -> PostgresqlDatabase.open(postgresql, options.patience());
            case StoreLocation.Memory memory -> MemoryDatabase.open(memory.journal());
        };
    }
}
