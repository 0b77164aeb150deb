package org.innerkeep.vault.key;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.vault.grant.Grant;

/**
 * The keys of a vault. Every change is one transaction with its leaf in the log, and returns once it is on disk; changes are made one after
 * the other, on all instances that share the store. Refusals have the codes {@code NOT_FOUND} (no such key), {@code CONFLICT} (it is
 * there already, or deleted), {@code FORBIDDEN} (what is there forbids it) and {@code INVALID_PARAMETER} (too many or too large).
 *
 * <p>Nobody is asked here whether the caller may: that is for whoever calls.
 *
 * <p>Safe for use by several threads. Every method may block for the database.
 */
public interface KeyStore {
    /** The most keys, deleted and purged ones too. */
    int MAX_KEYS = 10_000;

    /**
     * A change that was made.
     *
     * @param key as it is now
     * @param receipt for its leaf
     */
    record Changed(VaultKey key, Receipt receipt) {}

    /**
     * A key as it was found.
     *
     * @param name its name
     * @param key the key, which may be deleted; nothing where there is none or it was purged
     * @param version of its document
     * @param life version of the vault's own document
     */
    record Seen(KeyName name, Optional<VaultKey> key, long version, long life) {}

    /**
     * Some keys of a list.
     *
     * @param keys in an order of their names
     * @param next the name after which the list goes on; nothing at the end
     * @param unreadable where something is stored that is not this vault's, or cannot be read
     */
    record Page(List<VaultKey> keys, Optional<KeyName> next, List<String> unreadable) {
        /** Copies the lists. */
        public Page {
            keys = List.copyOf(keys);
            unreadable = List.copyOf(unreadable);
        }
    }

    /**
     * Decides over a key within the transaction that records the decision.
     *
     * @param <T> what is decided
     */
    @FunctionalInterface
    interface Decision<T> {
        /**
         * Decides; perhaps again in another transaction, so it changes nothing else.
         *
         * @param key as it is now, deleted perhaps; nothing where there is none
         * @param writer reads and writes
         * @return what was decided
         * @throws SQLException if the database fails
         * @throws StoreException if what is stored cannot be true
         */
        T decide(Optional<VaultKey> key, LoggedStore.Writer writer) throws SQLException, StoreException;
    }

    /** {@return the number of this vault's life: 1 at first, one more with each restoration of a backup} */
    long epoch();

    /**
     * Finds a key.
     *
     * @param name its name
     * @return the key, which may be deleted; nothing where there is none or it was purged
     * @throws StoreException if it cannot be read
     */
    Optional<VaultKey> find(KeyName name) throws StoreException;

    /**
     * Finds a key to decide over.
     *
     * @param name its name
     * @return what was found
     * @throws StoreException if it cannot be read
     */
    Seen see(KeyName name) throws StoreException;

    /**
     * Lists keys, in an order of their names. What cannot be read is left out and named.
     *
     * @param deleted whether those that are deleted are asked for, else those that are not
     * @param after {@link KeyName#place} of the last one of the page before; empty to begin
     * @param most how many, at most {@link LoggedStore#MAX_PAGE}
     * @return the keys, perhaps fewer
     * @throws StoreException if they cannot be read
     */
    Page list(boolean deleted, String after, int most) throws StoreException;

    /**
     * Makes a key.
     *
     * @param name its name
     * @param version what is made
     * @param by who does it
     * @return the key
     * @throws RefusedException if there is a key of this name, deleted perhaps, or there are too many
     * @throws StoreException if it cannot be written
     */
    Changed createFirst(KeyName name, NewVersion version, String by) throws RefusedException, StoreException;

    /**
     * Makes a key, or the next version of one: then it is enabled as its settings say, and what others there are stays. What opens files
     * and what does not are never versions of one key.
     *
     * @param name its name
     * @param version what is made
     * @param by who does it
     * @return the key, whose newest version is the one made
     * @throws RefusedException if a key of this name is deleted or of the other kind, or there are too many
     * @throws StoreException if it cannot be written
     */
    Changed create(KeyName name, NewVersion version, String by) throws RefusedException, StoreException;

    /**
     * Makes the next version of a key that is there: of the same type, kty and parameter, and enabled.
     *
     * @param name its name
     * @param version what is made
     * @param settings from those of the newest version to those of the next; a function of them alone
     * @param by who does it
     * @return the key
     * @throws RefusedException if there is no such key, it is of another type, or there are too many versions
     * @throws StoreException if it cannot be written
     */
    Changed rotate(KeyName name, NewVersion version, UnaryOperator<KeySettings> settings, String by)
            throws RefusedException, StoreException;

    /**
     * Makes the next version of a key that is there, with the settings of the newest one.
     *
     * @param name its name
     * @param version what is made
     * @param by who does it
     * @return the key
     * @throws RefusedException as the other
     * @throws StoreException if it cannot be written
     */
    default Changed rotate(KeyName name, NewVersion version, String by) throws RefusedException, StoreException {
        return rotate(name, version, settings -> settings, by);
    }

    /**
     * Changes the settings of a version. An immutable release policy stays, and what was not exportable does not become so.
     *
     * @param name the key's name
     * @param version the version's id
     * @param change from the settings to others; a function of them alone
     * @param by who does it
     * @return the key
     * @throws RefusedException if there is no such version, or a release policy that is there forbids it
     * @throws StoreException if it cannot be written
     */
    Changed update(KeyName name, String version, UnaryOperator<KeySettings> change, String by) throws RefusedException, StoreException;

    /**
     * Sets how a key is to be rotated.
     *
     * @param name the key's name
     * @param rotation in the owner's form
     * @param by who does it
     * @return the key
     * @throws RefusedException if there is no such key
     * @throws StoreException if it cannot be written
     */
    Changed setRotation(KeyName name, Bytes rotation, String by) throws RefusedException, StoreException;

    /**
     * Deletes a key: nobody gets anything of it until it is recovered.
     *
     * @param name its name
     * @param by who does it
     * @return the key
     * @throws RefusedException if there is no such key
     * @throws StoreException if it cannot be written
     */
    Changed delete(KeyName name, String by) throws RefusedException, StoreException;

    /**
     * Takes a deletion back.
     *
     * @param name the key's name
     * @param by who does it
     * @return the key
     * @throws RefusedException if no key of this name is deleted
     * @throws StoreException if it cannot be written
     */
    Changed recover(KeyName name, String by) throws RefusedException, StoreException;

    /**
     * Destroys the secrets of a deleted key. Copies of the store, and backups, still have them.
     *
     * @param name the key's name
     * @param by who does it
     * @return what is left
     * @throws RefusedException if no key of this name is deleted
     * @throws StoreException if it cannot be written
     */
    Changed purge(KeyName name, String by) throws RefusedException, StoreException;

    /**
     * Gives a grant.
     *
     * @param name the key's name
     * @param grant of an id that the key has no grant of
     * @param by who does it
     * @return the key
     * @throws RefusedException if there is no such key, the id is taken, or there are too many
     * @throws StoreException if it cannot be written
     */
    Changed grant(KeyName name, Grant grant, String by) throws RefusedException, StoreException;

    /**
     * Revokes a grant. Once this returns, no instance decides by it any more. What was released before stays with who has it.
     *
     * @param name the key's name
     * @param grant its id
     * @param by who does it
     * @return the key
     * @throws RefusedException if there is no such grant, or it is revoked already
     * @throws StoreException if it cannot be written
     */
    Changed revoke(KeyName name, String grant, String by) throws RefusedException, StoreException;

    /**
     * Revokes a grant and gives others for it, in one step: there is no moment at which neither or both hold, and if one of them cannot be
     * given, the grant stays.
     *
     * @param name the key's name
     * @param grant the id of the one that is revoked
     * @param others those that are given; where the one bounds its uses, they have no more in all than are left of it
     * @param by who does it
     * @return the key
     * @throws RefusedException if there is no such grant, it is revoked already, the others would allow more uses, or there are too many
     * @throws StoreException if it cannot be written
     */
    Changed replace(KeyName name, String grant, List<Grant> others, String by) throws RefusedException, StoreException;

    /**
     * Makes a backup of a key with all that belongs to it, sealed under the master key.
     *
     * @param name its name
     * @param by who does it
     * @return the backup; only a vault with the same master key can restore it
     * @throws RefusedException if there is no such key
     * @throws StoreException if it cannot be read, or what is done cannot be recorded
     */
    Bytes backup(KeyName name, String by) throws RefusedException, StoreException;

    /**
     * Restores a key from a backup. The epoch of the vault is raised. Every version comes back disabled; where the vault still knows the
     * key's release policies and grants, those hold and not the backup's, however many keys have had its name since.
     *
     * @param backup hostile bytes
     * @param by who does it
     * @return the key
     * @throws RefusedException if it is no backup of this vault, there is a key of its name, or the vault had keys of this name and does
     *     not know the one in the backup
     * @throws StoreException if it cannot be written
     */
    Changed restore(Bytes backup, String by) throws RefusedException, StoreException;

    /**
     * Unwraps the secret of a version, whatever its settings are: look at {@link KeyVersion#unusable} first.
     *
     * @param name the key's name
     * @param version from the key as it is now
     * @return the secret, to be closed
     * @throws RefusedException with {@code UNAVAILABLE}, if it was not wrapped under this vault's master key for this key and version
     */
    KeySecret open(KeyName name, KeyVersion version) throws RefusedException;

    /**
     * Decides over a key, with its leaf in the same transaction.
     *
     * @param <T> what is decided
     * @param seen the key as it was found before; it is read again only where it has changed since
     * @param decision decides
     * @return what was decided, and a receipt where a leaf was appended
     * @throws StoreException if it cannot be read or written
     */
    <T> LoggedStore.Done<T> decide(Seen seen, Decision<T> decision) throws StoreException;

    /**
     * Reads what happened to a key.
     *
     * @param kind of the events
     * @param name the key's name
     * @param before sequences from this one on are left out; {@link Long#MAX_VALUE} to begin
     * @param most how many
     * @return the newest first
     * @throws StoreException if they cannot be read
     */
    List<LoggedStore.Event> events(String kind, KeyName name, long before, int most) throws StoreException;

    /**
     * Counts how often grants of a key were used.
     *
     * @param key the key
     * @return uses by the ids of grants
     * @throws StoreException if they cannot be read
     */
    Map<String, Long> uses(VaultKey key) throws StoreException;
}
