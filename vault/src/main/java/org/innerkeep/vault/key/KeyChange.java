package org.innerkeep.vault.key;

import java.sql.SQLException;
import java.util.Optional;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;

/**
 * Changes keys, each in one transaction in which it is read, decided over and written, with a leaf of the log. Safe for use by
 * several threads.
 */
final class KeyChange {
    /** Roughly; the log's writer bounds what waits. */
    static final long MOST_OF_A_KEY = 256 * 1024;

    private final LoggedStore store;
    private final KeyRecords records;
    private final Runnable changed;

    /**
     * Changes keys of a store.
     *
     * @param changed is run after each change, once it is on disk
     */
    KeyChange(LoggedStore store, KeyRecords records, Runnable changed) {
        this.store = store;
        this.records = records;
        this.changed = changed;
    }

    /** What a key becomes, and what else is written with it, once it is known that it can be. */
    record Next(VaultKey key, Also also) {
        static Next of(VaultKey key) {
            return new Next(key, writer -> {});
        }
    }

    @FunctionalInterface
    interface Also {
        void write(LoggedStore.Writer writer) throws SQLException, StoreException;
    }

    @FunctionalInterface
    interface Step {
        Next next(Optional<VaultKey> current, LoggedStore.Writer writer) throws RefusedException, SQLException, StoreException;
    }

    private sealed interface Outcome {
        record Ok(VaultKey key) implements Outcome {}

        record No(Problem problem) implements Outcome {}
    }

    /** Makes a step. A refusal is a value until the transaction is over, as others may share it. */
    KeyStore.Changed make(KeyName name, String leaf, String by, Step step) throws RefusedException, StoreException {
        LoggedStore.Done<Outcome> done = store.work(
                writer -> {
                    try {
                        Optional<VaultKey> current = records.find(writer, name);
                        Next next = step.next(current, writer);
                        byte[] form = KeyForm.write(next.key());
                        KeyRoom.check(current, next.key(), form);
                        next.also().write(writer);
                        records.write(writer, next.key(), form, leaf, by);
                        return new Outcome.Ok(next.key());
                    } catch (RefusedException e) {
                        return new Outcome.No(e.problem());
                    } catch (IllegalArgumentException e) {
                        return new Outcome.No(new Problem(Code.INVALID_PARAMETER, e.getMessage() + "."));
                    }
                },
                MOST_OF_A_KEY);
        return switch (done.value()) {
            case Outcome.Ok ok -> {
                changed.run();
                yield new KeyStore.Changed(ok.key(), done.receipt()
                        .orElseThrow(() -> new IllegalStateException("every change of a key has a leaf")));
            }
            case Outcome.No no -> throw new RefusedException(no.problem());
        };
    }

    static VaultKey present(KeyName name, Optional<VaultKey> current) throws RefusedException {
        if (current.isEmpty() || current.get().state() instanceof KeyState.Purged) {
            throw new RefusedException(Code.NOT_FOUND, "key '" + name + "': this vault has none of this name.");
        }
        return current.get();
    }

    static VaultKey active(KeyName name, Optional<VaultKey> current) throws RefusedException {
        VaultKey key = present(name, current);
        if (!key.active()) {
            throw new RefusedException(Code.CONFLICT, "key '" + name + "': it is deleted; recover it first.");
        }
        return key;
    }

    static VaultKey deleted(KeyName name, Optional<VaultKey> current) throws RefusedException {
        VaultKey key = present(name, current);
        if (key.active()) {
            throw new RefusedException(Code.CONFLICT, "key '" + name + "': it is not deleted.");
        }
        return key;
    }

    /** There is room for one key more. */
    static void checkCount(LoggedStore.Writer writer) throws RefusedException {
        if (writer.names(KeyRecords.KEY).size() >= KeyStore.MAX_KEYS) {
            throw new RefusedException(Code.CONFLICT, "keys: this vault has " + KeyStore.MAX_KEYS + ", which is the most.");
        }
    }

    /** All that must be remembered of keys of a name can be. */
    static void checkPast(KeyName name, KeyPast past) throws RefusedException {
        if (!past.fits()) {
            throw new RefusedException(Code.CONFLICT, "key '" + name + "': so many keys of this name were purged that the vault has no room"
                    + " to remember another, and forgets none; take another name.");
        }
    }
}
