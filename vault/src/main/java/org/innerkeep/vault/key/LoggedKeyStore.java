package org.innerkeep.vault.key;

import java.io.IOException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.key.KeyChange.Next;

/**
 * Keys as documents of the service's store, which whoever runs the database can neither make nor put back ({@link KeyDocuments}),
 * with their secrets wrapped under a master key ({@link VersionSecrets}).
 *
 * <p>Safe for use by several threads. Close it to wipe the master key.
 */
public final class LoggedKeyStore implements KeyStore, AutoCloseable {
    /** How long a deleted key can be recovered, as clients of Azure Key Vault are told. */
    private static final Duration RECOVERABLE = Duration.ofDays(90);

    private static final long MOST_OF_A_DECISION = 16 * 1024;

    private final LoggedStore store;
    private final WrappingKey master;
    private final VaultLife life;
    private final KeyRecords records;
    private final GrantUses uses;
    private final VersionSecrets secrets;
    private final KeyChange change;
    private final NewVersions versions;
    private final KeyBackups backups;
    private volatile Runnable changed = () -> {};
    private volatile Runnable decided = () -> {};

    private LoggedKeyStore(LoggedStore store, WrappingKey master, VaultLife life, SecureRandom random) {
        this.store = store;
        this.master = master;
        this.life = life;
        this.records = new KeyRecords(life);
        this.uses = new GrantUses(life.documents());
        this.secrets = new VersionSecrets(master);
        this.change = new KeyChange(store, records, () -> changed.run());
        this.versions = new NewVersions(change, records, uses, secrets, life, random);
        this.backups = new KeyBackups(store, master, change, records, secrets, life);
    }

    /**
     * Opens the vault of a store, and makes it where there is none.
     *
     * @param store where it is
     * @param master under which secrets are wrapped; closed with the vault, and if it cannot be opened
     * @param random for secrets, ids and nonces
     * @return the vault's keys
     * @throws IOException if the store cannot be used, or the vault in it was made under another master key
     */
    public static LoggedKeyStore open(LoggedStore store, WrappingKey master, SecureRandom random) throws IOException {
        boolean opened = false;
        try {
            LoggedKeyStore keys = new LoggedKeyStore(store, master, VaultLife.open(store, master, random), random);
            opened = true;
            return keys;
        } finally {
            if (!opened) {
                master.close();
            }
        }
    }

    /**
     * Tells whether a store has a vault, whose master key must then be there too.
     *
     * @param store the store
     * @return whether it has
     * @throws StoreException if it cannot be read
     */
    public static boolean isIn(LoggedStore store) throws StoreException {
        return VaultLife.isIn(store);
    }

    /**
     * Says what is to be done after changes, in the thread of whoever made one, once it is on disk.
     *
     * @param afterChange of a key
     * @param afterDecision over a key
     */
    public void whenChanged(Runnable afterChange, Runnable afterDecision) {
        this.changed = afterChange;
        this.decided = afterDecision;
    }

    /** {@return the public key of whoever signs releases: what enclaves and owners pin} */
    public P256PublicKey publicKey() {
        return life.publicKey();
    }

    /**
     * Opens the key that signs releases.
     *
     * @return the private key
     * @throws IOException if it was not wrapped under this master key
     */
    public PrivateKey signingKey() throws IOException {
        return life.signingKey();
    }

    /**
     * Opens the secret under which challenges are issued.
     *
     * @return 32 bytes, for the caller to wipe
     * @throws IOException if it was not wrapped under this master key
     */
    public byte[] challengeSecret() throws IOException {
        return life.challengeSecret();
    }

    /** {@return the vault's id: SHA-256 of the public key of whoever signs releases, 32 bytes} */
    public Bytes id() {
        return life.id();
    }

    /**
     * Says that the whole store was restored from a copy: begins the vault's next life, in which every version of every key is
     * disabled until the owner has looked at it.
     *
     * @param atLeast the new epoch is above this; the highest that anybody remembers
     * @param by who restored it
     * @return the new epoch
     * @throws StoreException if it cannot be written
     */
    public long restored(long atLeast, String by) throws StoreException {
        return life.restored(atLeast, by);
    }

    /**
     * Says which older state an enclave was made to accept in place of its newest: as {@link #restored}, once for each, however
     * often this is called. The vault remembers the last one in the same transaction in which its life begins. Its epoch is far
     * above the last one in that state, since the state that was given up may have had later ones, which enclaves remember.
     *
     * @param acceptance which one; empty where none ever was
     * @param by who accepted it
     * @return whether a new life began
     * @throws StoreException if it cannot be read or written
     */
    public boolean accepted(Bytes acceptance, String by) throws StoreException {
        return life.accepted(acceptance, by);
    }

    @Override
    public long epoch() {
        return life.known().epoch();
    }

    @Override
    public Optional<VaultKey> find(KeyName name) throws StoreException {
        return see(name).key();
    }

    @Override
    public Seen see(KeyName name) throws StoreException {
        return store.look(reader -> {
            life.refresh(reader);
            return records.see(reader, name);
        });
    }

    @Override
    public Page list(boolean deleted, String after, int most) throws StoreException {
        return store.look(reader -> records.list(reader, deleted, after, most));
    }

    @Override
    public Changed createFirst(KeyName name, NewVersion version, String by) throws RefusedException, StoreException {
        return versions.create(name, version, by, true);
    }

    @Override
    public Changed create(KeyName name, NewVersion version, String by) throws RefusedException, StoreException {
        return versions.create(name, version, by, false);
    }

    @Override
    public Changed rotate(KeyName name, NewVersion version, UnaryOperator<KeySettings> settings, String by)
            throws RefusedException, StoreException {
        return versions.rotate(name, version, settings, by);
    }

    @Override
    public KeySecret open(KeyName name, KeyVersion version) throws RefusedException {
        return secrets.open(name, version);
    }

    @Override
    public Changed update(KeyName name, String version, UnaryOperator<KeySettings> settings, String by)
            throws RefusedException, StoreException {
        return change.make(name, "key-updated", by, (current, writer) -> {
            VaultKey key = KeyChange.active(name, current);
            KeyVersion found = key.version(version).orElseThrow(() -> new RefusedException(
                    Code.NOT_FOUND, "key '" + name + "': it has no version " + version + "."));
            KeySettings next = settings.apply(found.settings());
            Optional<ReleasePolicy> policy = found.settings().releasePolicy();
            if (policy.filter(ReleasePolicy::immutable).isPresent() && !next.releasePolicy().equals(policy)) {
                throw new RefusedException(Code.FORBIDDEN, "key '" + name + "': its release policy is immutable.");
            }
            if (next.exportable() && !found.settings().exportable()) {
                throw new RefusedException(Code.FORBIDDEN, "key '" + name + "': it was made not to be exportable, and stays so.");
            }
            return Next.of(key.with(found.with(next, writer.now())));
        });
    }

    @Override
    public Changed setRotation(KeyName name, Bytes rotation, String by) throws RefusedException, StoreException {
        return change.make(name, "key-updated", by, (current, writer) ->
                Next.of(KeyChange.active(name, current).rotation(rotation)));
    }

    @Override
    public Changed delete(KeyName name, String by) throws RefusedException, StoreException {
        return change.make(name, "key-deleted", by, (current, writer) ->
                Next.of(KeyChange.active(name, current).state(new KeyState.Deleted(writer.now(), writer.now().plus(RECOVERABLE)))));
    }

    @Override
    public Changed recover(KeyName name, String by) throws RefusedException, StoreException {
        return change.make(name, "key-recovered", by, (current, writer) ->
                Next.of(KeyChange.deleted(name, current).state(new KeyState.Active())));
    }

    @Override
    public Changed purge(KeyName name, String by) throws RefusedException, StoreException {
        return change.make(name, "key-purged", by, (current, writer) -> {
            VaultKey key = KeyChange.deleted(name, current);
            return Next.of(key.versions(key.versions().stream().map(each -> each.wrapped(Bytes.EMPTY, each.epoch())).toList())
                    .state(new KeyState.Purged(writer.now())));
        });
    }

    @Override
    public Changed grant(KeyName name, Grant grant, String by) throws RefusedException, StoreException {
        return change.make(name, "key-granted", by, (current, writer) ->
                Next.of(new GrantList(KeyChange.active(name, current), writer.now(), by).given(List.of(grant))));
    }

    @Override
    public Changed revoke(KeyName name, String grant, String by) throws RefusedException, StoreException {
        return change.make(name, "key-revoked", by, (current, writer) ->
                Next.of(new GrantList(KeyChange.present(name, current), writer.now(), by).revoked(grant)));
    }

    @Override
    public Changed replace(KeyName name, String grant, List<Grant> others, String by) throws RefusedException, StoreException {
        return change.make(name, "key-grant-replaced", by, (current, writer) -> {
            VaultKey key = KeyChange.active(name, current);
            return Next.of(new GrantList(key, writer.now(), by).replaced(grant, others, uses.bounded(writer, name, grant)));
        });
    }

    @Override
    public Bytes backup(KeyName name, String by) throws RefusedException, StoreException {
        return backups.backup(name);
    }

    @Override
    public Changed restore(Bytes backup, String by) throws RefusedException, StoreException {
        Changed restored = backups.restore(backup, by);
        life.refresh();
        // Once more, with the new epoch.
        changed.run();
        return restored;
    }

    /**
     * Reads what a part of the vault keeps beside its keys.
     *
     * @param reader of the transaction
     * @param kind of document, none of the vault's own
     * @param name of the document
     * @return what it says; nothing where it was never written
     * @throws SQLException if the database cannot be read
     * @throws StoreException if it is not this vault's, not in the version that holds, or gone
     */
    public Optional<Bytes> read(LoggedStore.Reader reader, String kind, String name) throws SQLException, StoreException {
        return life.documents().read(reader, kind, name).map(KeyDocuments.Authentic::content);
    }

    /**
     * Writes what a part of the vault keeps beside its keys, with a leaf of the kind and {@code -set}.
     *
     * @param writer of the transaction
     * @param kind of document, none of the vault's own
     * @param name of the document
     * @param content what it says
     * @param by who writes it
     * @throws SQLException if the database cannot be written
     * @throws StoreException if it is too large
     */
    public void write(LoggedStore.Writer writer, String kind, String name, byte[] content, String by)
            throws SQLException, StoreException {
        life.documents().write(writer, kind, name, content, kind + "-set", by);
    }

    /**
     * The vault's life, as a transaction sees it.
     *
     * @param epoch its number
     * @param restored the life that began when the whole store was restored last, so that something may be forgotten; 0 if it never was.
     *     Lives also begin when one key is restored, by which nothing is forgotten
     */
    public record Lives(long epoch, long restored) {}

    /**
     * Reads in which life the vault is.
     *
     * @param reader of the transaction
     * @return its life
     * @throws SQLException if the database cannot be read
     * @throws StoreException if it is not this vault's, not in the version that holds, or gone
     */
    public Lives lives(LoggedStore.Reader reader) throws SQLException, StoreException {
        VaultState state = life.now(reader).state();
        return new Lives(state.epoch(), state.restored());
    }

    @Override
    public <T> LoggedStore.Done<T> decide(Seen seen, Decision<T> decision) throws StoreException {
        return decide(seen, decision, _ -> false);
    }

    /**
     * Decides over a key as {@link #decide(Seen, Decision)} does, where a decision may change what must not be lost.
     *
     * @param <T> what is decided
     * @param seen the key as it was found before
     * @param decision decides
     * @param changes tells whether a decision changed something; then all is done that is done after changes of keys
     * @return what was decided, and a receipt where a leaf was appended
     * @throws StoreException if it cannot be read or written
     */
    public <T> LoggedStore.Done<T> decide(Seen seen, Decision<T> decision, Predicate<T> changes) throws StoreException {
        AtomicBoolean newLife = new AtomicBoolean();
        LoggedStore.Done<T> done = store.workForStrangers(
                writer -> {
                    // What was read before need not be read again, alone among all changes, while it is the same.
                    newLife.set(writer.version(VaultLife.VAULT, VaultLife.VAULT) != seen.life());
                    boolean same = KeyRecords.version(writer, seen.name()) == seen.version() && !newLife.get();
                    return decision.decide(same ? seen.key() : records.see(writer, seen.name()).key(), writer);
                },
                MOST_OF_A_DECISION);
        if (newLife.get()) {
            life.refresh();
        }
        (changes.test(done.value()) ? changed : decided).run();
        return done;
    }

    @Override
    public List<LoggedStore.Event> events(String kind, KeyName name, long before, int most) throws StoreException {
        return store.look(reader -> reader.events(kind, name.place(), before, most));
    }

    @Override
    public Map<String, Long> uses(VaultKey key) throws StoreException {
        return store.look(reader -> uses.of(reader, key));
    }

    /**
     * Counts the uses of grants that hold and bound them: of the others it does not matter.
     *
     * @param key the key
     * @param reader reads
     * @return uses by the ids of those grants
     * @throws SQLException if the database fails
     * @throws StoreException if the count is not the one that holds
     */
    public Map<String, Long> boundedUses(VaultKey key, LoggedStore.Reader reader) throws SQLException, StoreException {
        return uses.bounded(reader, key);
    }

    /**
     * Counts the uses of grants that hold and bound them, outside of a transaction.
     *
     * @param key the key
     * @return uses by the ids of those grants
     * @throws StoreException if they cannot be read
     */
    public Map<String, Long> boundedUses(VaultKey key) throws StoreException {
        return store.look(reader -> uses.bounded(reader, key));
    }

    /**
     * Counts one use of a grant. Of one that bounds its uses the count is a document of the vault; of others it is for owners to
     * look at.
     *
     * @param name the key's name
     * @param grant the grant
     * @param writer writes
     * @return how often it was used now
     * @throws SQLException if the database fails
     * @throws StoreException if the count is not the one that holds
     */
    public long use(KeyName name, Grant grant, LoggedStore.Writer writer) throws SQLException, StoreException {
        return uses.one(writer, name, grant);
    }

    /** Wipes the master key, and what was derived from it. The store stays open. */
    @Override
    public void close() {
        life.close();
        master.close();
    }
}
