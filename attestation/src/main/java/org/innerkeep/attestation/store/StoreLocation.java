package org.innerkeep.attestation.store;

import java.nio.file.Path;

/** Where a store is. */
public sealed interface StoreLocation {
    /**
     * One SQLite file. Beside it, SQLite keeps two more whose names end in {@code -wal} and {@code -shm}; they belong to it. It must be
     * on a local disk.
     *
     * @param file the file
     */
    record Sqlite(Path file) implements StoreLocation {
        /** {@return the file} */
        @Override
        public String toString() {
            return file.toString();
        }
    }

    /**
     * A PostgreSQL database, 12 or newer.
     *
     * @param url a JDBC URL that begins with {@value #PREFIX}; user and password may be in it, or the password in the file that
     *     {@code PGPASSFILE} names
     */
    record Postgresql(String url) implements StoreLocation {
        /** What begins such a URL. */
        public static final String PREFIX = "jdbc:postgresql:";

        /**
         * Checks the beginning.
         *
         * @throws IllegalArgumentException if it is another kind of URL
         */
        public Postgresql {
            if (!url.startsWith(PREFIX)) {
                throw new IllegalArgumentException("store: expected a URL that begins with " + PREFIX);
            }
        }

        /** {@return the URL without its parameters, of which one may be a password} */
        @Override
        public String toString() {
            int parameters = url.indexOf('?');
            return parameters < 0 ? url : url.substring(0, parameters);
        }
    }

    /**
     * The memory of this process, with a journal that keeps what changes: for where there is no disk of one's own, as in an
     * enclave. SQLite as well, but one transaction at a time, reading ones too, and nobody else can open it.
     *
     * @param journal keeps it; of this store alone, and of one of its lives
     */
    record Memory(ChangeJournal journal) implements StoreLocation {
        /** {@return what it is} */
        @Override
        public String toString() {
            return "in memory";
        }
    }

    /**
     * Reads a location as the command line has it.
     *
     * @param text a JDBC URL of PostgreSQL, or the name of a file
     * @return the location
     * @throws IllegalArgumentException if it is a JDBC URL of another database, or no name of a file
     */
    static StoreLocation parse(String text) {
        if (text.startsWith("jdbc:")) {
            return new Postgresql(text);
        }
        return new Sqlite(Path.of(text));
    }
}
