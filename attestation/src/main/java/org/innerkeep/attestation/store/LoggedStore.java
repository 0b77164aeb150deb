package org.innerkeep.attestation.store;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.evidence.Bytes;

/**
 * What a further part of the service keeps in the same database, with its leaves in the same log: documents in versions, values that can
 * be used once, amounts, and records of what happened.
 *
 * <p>Work runs in one transaction, alone among all that change the store, on every instance. So whatever it reads stays true until what it
 * writes is committed: two changes that contradict each other are decided by the order in which they come here. Durability and failures
 * are those of {@link AttestationStore}.
 *
 * <p>Safe for use by several threads. Every method may block for the database.
 */
public interface LoggedStore {
    /** The most bytes of a document or record. */
    int MAX_BYTES = 1 << 20;

    /** The most that is given at once. */
    int MAX_PAGE = 1000;

    /**
     * A document as it was set last.
     *
     * @param name its name
     * @param version 1 for the first, and one more with each change
     * @param body what it says, or nothing where it was taken back
     * @param setBy who set it
     * @param setAt when
     * @param sequence of the leaf that says so
     */
    record Document(String name, long version, Optional<Bytes> body, String setBy, Instant setAt, long sequence) {}

    /**
     * Something that happened.
     *
     * @param sequence of its leaf
     * @param record what happened; its digest is in the leaf
     */
    record Event(long sequence, Bytes record) {}

    /**
     * Reads within a transaction. Each document and record is compared with its leaf, and a document with the version that this instance
     * knows from the log: within a {@link Writer} none but that is given, else none that is older. So a row that somebody put back or took
     * away is found out. Leaves are compared with the signed head when they are appended, and not again when they are read: whoever must
     * not believe those who can write to the database puts a code of its own into its documents, over what they say and their version.
     */
    interface Reader {
        /**
         * Tells which version of a document holds, as far as this instance knows it from the log, without asking the database. Within a
         * {@link Writer} it is the one that holds.
         *
         * @param kind of the document
         * @param name of the document
         * @return the version; 0 where it was never set
         */
        long version(String kind, String name);

        /**
         * Tells which documents of a kind were ever set, as {@link #version} does.
         *
         * @param kind of the documents
         * @return their names
         */
        Set<String> names(String kind);

        /**
         * Reads a document.
         *
         * @param kind 1 to 32 characters a-z and hyphens
         * @param name up to 100 printable ASCII characters
         * @return the document, or nothing where it was never set
         * @throws SQLException if the database fails
         * @throws StoreException if the document is not what its leaf says, or older than it must be
         */
        Optional<Document> document(String kind, String name) throws SQLException, StoreException;

        /**
         * Reads the names of documents in an order of their names. Whether the documents are what they must be is found out by reading them.
         *
         * @param kind of all of them
         * @param after names up to this one are left out; empty to begin
         * @param most 1 to {@link #MAX_PAGE}
         * @return the names of those that have a body
         * @throws SQLException if the database fails
         */
        List<String> names(String kind, String after, int most) throws SQLException;

        /**
         * Tells whether a value was used up.
         *
         * @param value up to 64 bytes
         * @return whether it was, and is still remembered
         * @throws SQLException if the database fails
         */
        boolean spent(Bytes value) throws SQLException;

        /**
         * Reads an amount.
         *
         * @param place up to 200 printable ASCII characters
         * @return the sum of what was added; 0 at first
         * @throws SQLException if the database fails
         */
        long tally(String place) throws SQLException;

        /**
         * Reads what happened last.
         *
         * @param kind of the events
         * @param name what they happened to
         * @param before sequences from this one on are left out; {@link Long#MAX_VALUE} to begin
         * @param most 1 to {@link #MAX_PAGE}
         * @return the newest first
         * @throws SQLException if the database fails
         * @throws StoreException if one is not what its leaf says
         */
        List<Event> events(String kind, String name, long before, int most) throws SQLException, StoreException;
    }

    /** Reads and writes within a transaction. What was written is not taken back unless the work throws: look first, then write. */
    interface Writer extends Reader {
        /** {@return the time of leaves, by this instance's clock} */
        Instant now();

        /**
         * Sets a document, with a leaf that has its digest under {@code kind} and that of who set it under {@code set-by}.
         *
         * @param kind of the document
         * @param name of the document
         * @param body at most {@link #MAX_BYTES}; nothing takes the document back
         * @param leaf the kind of leaf
         * @param by who sets it, 1 to 1024 characters, none of them a control character
         * @return the document
         * @throws SQLException if the database fails
         * @throws StoreException if what is there is not what its leaf says
         */
        Document set(String kind, String name, Optional<Bytes> body, String leaf, String by) throws SQLException, StoreException;

        /**
         * Uses a value up, and forgets those whose time is over.
         *
         * @param value up to 64 bytes
         * @param until how long it must be remembered
         * @return whether it was not used up before
         * @throws SQLException if the database fails
         */
        boolean spend(Bytes value, Instant until) throws SQLException;

        /**
         * Adds to an amount.
         *
         * @param place as for {@link #tally}
         * @param more not negative
         * @return the sum
         * @throws SQLException if the database fails
         */
        long add(String place, long more) throws SQLException;

        /**
         * Records that something happened.
         *
         * @param kind of the event, and of its leaf
         * @param name what it happened to, up to 100 printable ASCII characters; the subject of the leaf
         * @param record what happened, at most {@link #MAX_BYTES}; its digest is in the leaf under {@code record}
         * @param digests further digests for the leaf
         * @return the sequence of the leaf
         * @throws SQLException if the database fails
         */
        long happened(String kind, String name, Bytes record, Map<String, Bytes> digests) throws SQLException;

        /**
         * Forgets the older of what happened. Leaves stay in the log.
         *
         * @param kind of the events
         * @param name what they happened to
         * @param keep how many of the newest are kept, at least 1
         * @throws SQLException if the database fails
         */
        void forget(String kind, String name, int keep) throws SQLException;
    }

    /**
     * Reads only.
     *
     * @param <T> what is found
     */
    @FunctionalInterface
    interface Reading<T> {
        /**
         * Does it; perhaps again in another transaction, so it changes nothing else.
         *
         * @param reader reads
         * @return what was found
         * @throws SQLException if the database fails
         * @throws StoreException if what is stored cannot be true
         */
        T in(Reader reader) throws SQLException, StoreException;
    }

    /**
     * Reads and changes.
     *
     * @param <T> what came of it
     */
    @FunctionalInterface
    interface Work<T> {
        /**
         * Does it; perhaps again in another transaction, so it changes nothing else.
         *
         * @param writer reads and writes
         * @return what came of it
         * @throws SQLException if the database fails
         * @throws StoreException if what is stored cannot be true
         */
        T in(Writer writer) throws SQLException, StoreException;
    }

    /**
     * What came of work.
     *
     * @param <T> what came of it
     * @param value what came of it
     * @param receipt for the last leaf that it appended; nothing where it appended none
     */
    record Done<T>(T value, Optional<Receipt> receipt) {}

    /**
     * Reads one unchanging state.
     *
     * @param <T> what is found
     * @param reading reads
     * @return what was found
     * @throws StoreException if it cannot be read
     */
    <T> T look(Reading<T> reading) throws StoreException;

    /**
     * Does work, and returns once it is on disk.
     *
     * @param <T> what came of it
     * @param work reads and writes
     * @param bytes how much it holds of the heap, about
     * @return what came of it
     * @throws StoreException if it cannot be done
     */
    <T> Done<T> work(Work<T> work, long bytes) throws StoreException;

    /**
     * The same for work that strangers cause: some room among what waits for the disk is left to others, so that whoever administers the
     * service is not kept out.
     *
     * @param <T> what came of it
     * @param work reads and writes
     * @param bytes how much it holds of the heap, about
     * @return what came of it
     * @throws StoreException if it cannot be done
     */
    <T> Done<T> workForStrangers(Work<T> work, long bytes) throws StoreException;
}
