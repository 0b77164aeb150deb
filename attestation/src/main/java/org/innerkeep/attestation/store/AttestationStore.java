package org.innerkeep.attestation.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.log.TransparencyLog;
import org.innerkeep.evidence.Bytes;

/**
 * The state of the service, in one SQLite file or in one PostgreSQL database that several instances share.
 *
 * <p><b>Durability.</b> A method that changes something returns only after the change, its leaf in the log and a signed head over that
 * leaf are committed, and the database has reported them written through to the disk (SQLite: write-ahead log with
 * {@code synchronous=FULL}; PostgreSQL: {@code synchronous_commit} at least {@code on}). Changes that wait at the same time share one
 * transaction, one signature and one wait for the disk, so use many threads (virtual ones will do): alone, a change takes as long as
 * the disk does. If such a method throws, nothing is promised: {@link StoreException#mayHaveHappened()} says whether it can have
 * happened all the same.
 *
 * <p><b>When writing fails</b> (disk full, database locked or damaged), what was acknowledged stays readable, and every further change
 * throws until writing works again. What cannot be true ({@link StoreException.Code#CORRUPT},
 * {@link StoreException.Code#ROLLED_BACK}) ends writing until the store is opened again: a log that went on from there would convict
 * its operator.
 *
 * <p>Safe for use by several threads. Every method may block for the database.
 */
public interface AttestationStore extends AutoCloseable {
    /** The most characters of a policy's text. */
    int MAX_POLICY_CHARS = 1024 * 1024;

    /** Bytes of the secret for nonces. */
    int NONCE_SECRET_LENGTH = 32;

    /**
     * Opens a store, and creates what is not there. Checks that the log ends where its own signed head says, and that every policy,
     * signer and key is the one whose digest the log holds.
     *
     * @param options where it is, the log's key, and what is kept
     * @return the open store
     * @throws StoreException if it cannot be opened, was made with another log key, or is damaged
     */
    static AttestationStore open(StoreOptions options) throws StoreException {
        return SqlStore.open(options);
    }

    /**
     * Reads the policy of a type of attestation.
     *
     * @param type the type, 1 to 64 characters A-Z, a-z, 0-9
     * @return the policy's text as it was sent, or nothing where the default policy holds; version 0 if none was ever set
     * @throws StoreException if it cannot be read
     */
    Versioned<Optional<String>> policy(String type) throws StoreException;

    /**
     * Sets a policy.
     *
     * @param type the type of attestation
     * @param expectedVersion the version that it replaces
     * @param text the policy as it was sent, a JWS; at most {@link #MAX_POLICY_CHARS} characters
     * @param by who sets it, 1 to 1024 characters, none of them a control character; kept in the store and, as a digest, in the log
     * @return what holds now and a receipt; or a conflict, and nothing was changed
     * @throws StoreException if it cannot be written
     */
    Change<Optional<String>> setPolicy(String type, long expectedVersion, String text, String by) throws StoreException;

    /**
     * Takes a policy back, so that the default holds. The version grows all the same.
     *
     * @param type the type of attestation
     * @param expectedVersion the version that it replaces
     * @param by who does it
     * @return what holds now and a receipt; or a conflict, and nothing was changed
     * @throws StoreException if it cannot be written
     */
    Change<Optional<String>> resetPolicy(String type, long expectedVersion, String by) throws StoreException;

    /**
     * Reads the certificates whose keys may sign policies.
     *
     * @return the certificates, DER, in the order in which they were set; version 0 and none if never set
     * @throws StoreException if they cannot be read
     */
    Versioned<List<Bytes>> policySigners() throws StoreException;

    /**
     * Sets the certificates whose keys may sign policies.
     *
     * @param expectedVersion the version that they replace
     * @param certificates DER, at most 64, each at most 64 KiB
     * @param by who sets them
     * @return what holds now and a receipt; or a conflict, and nothing was changed
     * @throws StoreException if they cannot be written
     */
    Change<List<Bytes>> setPolicySigners(long expectedVersion, List<Bytes> certificates, String by) throws StoreException;

    /**
     * Reads the changes that wait for a second approval.
     *
     * @return the changes in the order in which they were proposed, also those that are too old
     * @throws StoreException if they cannot be read
     */
    Versioned<List<PendingChange>> pendingChanges() throws StoreException;

    /**
     * Sets the changes that wait: the whole list, so that of two who approve at once one is first.
     *
     * @param expectedVersion the version that they replace
     * @param changes at most {@link PendingChange#MAX}
     * @param by who proposes, approves or rejects
     * @return what holds now and a receipt; or a conflict, and nothing was changed
     * @throws StoreException if they cannot be written
     */
    Change<List<PendingChange>> setPendingChanges(long expectedVersion, List<PendingChange> changes, String by) throws StoreException;

    /**
     * The changes that still wait once one of them was approved and is made: set together with it, or not at all.
     *
     * @param expectedVersion the version of the list that it replaces
     * @param changes those that still wait
     * @param by who approves
     */
    record Approval(long expectedVersion, List<PendingChange> changes, String by) {
        /** Copies the list. */
        public Approval {
            changes = List.copyOf(changes);
        }
    }

    /**
     * Sets a policy, or takes it back, and takes the approved change off the list, in one transaction.
     *
     * @param type the type of attestation
     * @param expectedVersion the version that it replaces
     * @param text as for {@link #setPolicy}, or nothing where the default is to hold
     * @param by who proposed and who approved
     * @param approval the list
     * @return what holds now and a receipt; or a conflict, and nothing was changed: one with the expected version means that the list is
     *     another by now
     * @throws StoreException if it cannot be written
     */
    Change<Optional<String>> setApprovedPolicy(
            String type, long expectedVersion, Optional<String> text, String by, Approval approval) throws StoreException;

    /**
     * Sets the certificates whose keys may sign policies, and takes the approved change off the list, in one transaction.
     *
     * @param expectedVersion the version that they replace
     * @param certificates as for {@link #setPolicySigners}
     * @param by who proposed and who approved
     * @param approval the list
     * @return as for {@link #setApprovedPolicy}
     * @throws StoreException if they cannot be written
     */
    Change<List<Bytes>> setApprovedSigners(long expectedVersion, List<Bytes> certificates, String by, Approval approval)
            throws StoreException;

    /**
     * Reads how many identities a change of policies takes: for all instances, whatever each is set to.
     *
     * @return 1 or 2; version 0 and 1 if never set
     * @throws StoreException if it cannot be read
     */
    Versioned<Integer> approvals() throws StoreException;

    /**
     * Sets how many identities a change of policies takes.
     *
     * @param expectedVersion the version that it replaces
     * @param number 1 or 2
     * @param by who sets it
     * @return what holds now and a receipt; or a conflict, and nothing was changed
     * @throws StoreException if it cannot be written
     */
    Change<Integer> setApprovals(long expectedVersion, int number, String by) throws StoreException;

    /**
     * Reads the keys that sign tokens, future and retired ones too.
     *
     * @return the keys in the order in which they were set; version 0 and none if never set
     * @throws StoreException if they cannot be read
     */
    Versioned<List<SigningKey>> signingKeys() throws StoreException;

    /**
     * Sets the keys that sign tokens: the whole list, so that two instances that rotate at once do not both add one.
     *
     * @param expectedVersion the version that they replace
     * @param keys at most 64, of different ids
     * @param by who sets them
     * @return what holds now and a receipt; or a conflict, and nothing was changed
     * @throws StoreException if they cannot be written
     */
    Change<List<SigningKey>> setSigningKeys(long expectedVersion, List<SigningKey> keys, String by) throws StoreException;

    /**
     * Reads the secret for nonces that this service issues. It is random, made with the store, and the same for all its instances.
     *
     * @return {@link #NONCE_SECRET_LENGTH} bytes, a new array; a secret
     */
    byte[] nonceSecret();

    /**
     * Records a decision. Where the options say that evidence is not kept, only the record and its leaf are.
     *
     * @param decision the record and the contents that it names
     * @return a receipt for its leaf of kind {@link org.innerkeep.attestation.log.LogEntry#DECISION}
     * @throws StoreException if it cannot be written
     */
    Receipt record(Decision decision) throws StoreException;

    /**
     * Reads a decision.
     *
     * @param sequence the sequence of its leaf
     * @return the decision with whatever of its contents is still kept, or nothing where none is kept
     * @throws StoreException if it cannot be read, or a content is not what its digest says
     */
    Optional<RecordedDecision> decision(long sequence) throws StoreException;

    /**
     * Deletes records of decisions made before a time, and contents that no decision used since then. (A content's last use is noted by
     * the hour, so it may stay an hour longer.) The log keeps their leaves, and a leaf of its own says that this was done.
     *
     * @param before the time
     * @return how much was deleted
     * @throws StoreException if it cannot be written; what was deleted until then stays deleted
     */
    Pruned prune(Instant before) throws StoreException;

    /**
     * How much was deleted.
     *
     * @param decisions records of decisions
     * @param contents evidence, endorsements and other contents
     */
    record Pruned(long decisions, long contents) {}

    /** {@return what further parts of the service keep in the same database and log} */
    LoggedStore further();

    /** {@return the log} */
    TransparencyLog log();

    /**
     * Tells whether changes can be written, as far as the last attempt showed; asks the database for nothing.
     *
     * @return why the last attempt failed, or nothing where it succeeded
     */
    Optional<StoreException> writeFailure();

    /** Waits for changes that were accepted, then closes. Later calls throw. Calling it again does nothing. */
    @Override
    void close();
}
