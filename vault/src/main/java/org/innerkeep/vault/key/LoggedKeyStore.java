package org.innerkeep.vault.key;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.grant.Granted;

/**
 * Keys as documents of the service's store, which whoever runs the database can neither make nor put back ({@link KeyDocuments}). Secrets
 * in them are wrapped under a master key: AES-256-GCM, with all that a version is, and its key's name, as additional data, so that no
 * wrapped secret can be passed off as another.
 *
 * <p>Each document of a key begins with the life of the vault in which it was written. Those from before the whole store was restored
 * count as disabled in every version, until somebody changes them.
 *
 * <p>Safe for use by several threads. Close it to wipe the master key.
 */
public final class LoggedKeyStore implements KeyStore, AutoCloseable {
    private static final String KEY = "vault-key";
    private static final String VAULT = "vault";
    private static final String USES = "vault-uses";
    private static final String PAST = "vault-past";
    private static final int ID_BYTES = 16;

    /** How long a deleted key can be recovered, as clients of Azure Key Vault are told. */
    private static final Duration RECOVERABLE = Duration.ofDays(90);

    /** Roughly; the log's writer bounds what waits. */
    private static final long MOST_OF_A_KEY = 256 * 1024;

    private static final long MOST_OF_A_DECISION = 16 * 1024;

    /** What is read for one page of keys. */
    private static final long MOST_OF_A_PAGE = 8L << 20;

    private static final System.Logger LOG = System.getLogger("org.innerkeep.vault.key");

    private final LoggedStore store;
    private final WrappingKey master;
    private final KeyDocuments documents;
    private final SecureRandom random;
    private final VaultState made;
    private final AtomicReference<Life> life;
    private volatile Runnable changed = () -> {};
    private volatile Runnable decided = () -> {};

    /** The vault itself, as it was read last. */
    private record Life(long version, VaultState state) {}

    private LoggedKeyStore(LoggedStore store, WrappingKey master, KeyDocuments documents, SecureRandom random, Life life) {
        this.store = store;
        this.master = master;
        this.documents = documents;
        this.random = random;
        this.made = life.state();
        this.life = new AtomicReference<>(life);
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
            LoggedStore.Document vault = vault(store, master, random);
            KeyDocuments documents = documents(parse(KeyDocuments.unproven(vault)), master);
            KeyDocuments.Authentic proven = documents.open(VAULT, vault);
            LoggedKeyStore keys =
                    new LoggedKeyStore(store, master, documents, random, new Life(proven.version(), parse(proven.content().toArray())));
            // Now, and not when the first enclave asks.
            keys.signingKey();
            opened = true;
            return keys;
        } finally {
            if (!opened) {
                master.close();
            }
        }
    }

    private static LoggedStore.Document vault(LoggedStore store, WrappingKey master, SecureRandom random) throws IOException {
        VaultState fresh = newState(master, random);
        try (KeyDocuments documents = documents(fresh, master)) {
            return store.work(
                            writer -> {
                                Optional<LoggedStore.Document> there = writer.document(VAULT, VAULT);
                                if (there.isPresent()) {
                                    return there.get();
                                }
                                documents.write(writer, VAULT, VAULT, fresh.toByteArray(), "vault-created", VAULT);
                                return writer.document(VAULT, VAULT)
                                        .orElseThrow(() -> new IllegalStateException("it was set a moment ago"));
                            },
                            0)
                    .value();
        }
    }

    private static KeyDocuments documents(VaultState state, WrappingKey master) throws IOException {
        byte[] secret = challengeSecret(state, master);
        try {
            return new KeyDocuments(secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private static VaultState parse(byte[] content) throws StoreException {
        try {
            return VaultState.parse(content);
        } catch (MalformedException e) {
            throw StoreException.corrupt("the vault", e);
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
        return store.look(reader -> reader.document(VAULT, VAULT).isPresent());
    }

    private static VaultState newState(WrappingKey master, SecureRandom random) {
        byte[] secret = new byte[VaultState.SECRET_BYTES];
        byte[] encoded = {};
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            encoded = pair.getPrivate().getEncoded();
            random.nextBytes(secret);
            return new VaultState(
                    1,
                    0,
                    P256PublicKey.of(pair.getPublic()).spki(),
                    master.wrap(VaultState.SIGNING_KEY, encoded),
                    master.wrap(VaultState.CHALLENGE_SECRET, secret));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("P-256 is part of every Java platform", e);
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /** The vault as it is; it is not read again while the log says that it is the same. */
    private Life life(LoggedStore.Reader reader) throws SQLException, StoreException {
        Life known = life.get();
        if (reader.version(VAULT, VAULT) == known.version()) {
            return known;
        }
        KeyDocuments.Authentic found = documents.read(reader, VAULT, VAULT)
                .orElseThrow(() -> StoreException.damaged("the vault is gone"));
        return new Life(found.version(), parse(found.content().toArray()));
    }

    /** Keeps what holds: only outside of transactions that may still be taken back. */
    private Life refresh(LoggedStore.Reader reader) throws SQLException, StoreException {
        Life now = life(reader);
        // Another thread may have seen a later one.
        return life.accumulateAndGet(now, (known, seen) -> seen.version() > known.version() ? seen : known);
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
        try {
            return P256PublicKey.parse(made.publicKey().toArray());
        } catch (MalformedException e) {
            throw new IllegalStateException("it was parsed when the vault was opened", e);
        }
    }

    /**
     * Opens the key that signs releases.
     *
     * @return the private key
     * @throws IOException if it was not wrapped under this master key
     */
    public PrivateKey signingKey() throws IOException {
        byte[] encoded = {};
        try {
            encoded = master.unwrap(VaultState.SIGNING_KEY, made.signingKey());
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (MalformedException e) {
            throw new IOException("vault: this store was made under another master key; start with the key that belongs to it", e);
        } catch (GeneralSecurityException e) {
            throw new IOException("vault: what is wrapped as its signing key is none", e);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /**
     * Opens the secret under which challenges are issued.
     *
     * @return 32 bytes, for the caller to wipe
     * @throws IOException if it was not wrapped under this master key
     */
    public byte[] challengeSecret() throws IOException {
        return challengeSecret(made, master);
    }

    private static byte[] challengeSecret(VaultState state, WrappingKey master) throws IOException {
        try {
            return master.unwrap(VaultState.CHALLENGE_SECRET, state.challengeSecret());
        } catch (MalformedException e) {
            throw new IOException("vault: this store was made under another master key; start with the key that belongs to it", e);
        }
    }

    /**
     * Says that the whole store was restored from a copy: begins the vault's next life, in which every version of every key is disabled
     * until the owner has looked at it.
     *
     * @param atLeast the new epoch is above this; the highest that anybody remembers
     * @param by who restored it
     * @return the new epoch
     * @throws StoreException if it cannot be written
     */
    public long restored(long atLeast, String by) throws StoreException {
        long epoch = store.work(
                        writer -> {
                            VaultState before = life(writer).state();
                            VaultState after = before.restored(Math.addExact(Math.max(before.epoch(), atLeast), 1));
                            documents.write(writer, VAULT, VAULT, after.toByteArray(), "vault-restored", by);
                            return after.epoch();
                        },
                        0)
                .value();
        store.look(this::refresh);
        return epoch;
    }

    @Override
    public long epoch() {
        return life.get().state().epoch();
    }

    @Override
    public Optional<VaultKey> find(KeyName name) throws StoreException {
        return see(name).key();
    }

    @Override
    public Seen see(KeyName name) throws StoreException {
        return store.look(reader -> {
            refresh(reader);
            return see(reader, name);
        });
    }

    private Seen see(LoggedStore.Reader reader, KeyName name) throws SQLException, StoreException {
        Life now = life(reader);
        Optional<KeyDocuments.Authentic> document = documents.read(reader, KEY, name.place());
        Optional<VaultKey> key = document.isEmpty() ? Optional.empty() : Optional.of(read(document.get(), now));
        if (key.isPresent() && !key.get().name().equals(name)) {
            throw StoreException.corrupt("the key '" + name + "'", new MalformedException("name", -1, "it has the name of another"));
        }
        return new Seen(name, key.filter(each -> !(each.state() instanceof KeyState.Purged)),
                document.map(KeyDocuments.Authentic::version).orElse(0L), now.version());
    }

    /** Purged ones too. */
    private Optional<VaultKey> find(LoggedStore.Reader reader, KeyName name) throws SQLException, StoreException {
        Optional<KeyDocuments.Authentic> document = documents.read(reader, KEY, name.place());
        return document.isEmpty() ? Optional.empty() : Optional.of(read(document.get(), life(reader)));
    }

    private static VaultKey read(KeyDocuments.Authentic document, Life now) throws StoreException {
        try {
            ByteBuffer content = ByteBuffer.wrap(document.content().toArray());
            if (content.remaining() < Long.BYTES) {
                throw new MalformedException("life", -1, "expected " + Long.BYTES + " bytes");
            }
            long written = content.getLong();
            byte[] form = new byte[content.remaining()];
            content.get(form);
            VaultKey key = KeyForm.read(form);
            return written < now.state().restored() ? disabled(key) : key;
        } catch (MalformedException e) {
            throw StoreException.corrupt("the key '" + document.name() + "'", e);
        }
    }

    private static VaultKey disabled(VaultKey key) {
        return key.versions(key.versions().stream().map(each -> each.with(each.settings().enabled(false), each.updated())).toList());
    }

    private void write(LoggedStore.Writer writer, VaultKey key, byte[] form, String leaf, String by) throws SQLException, StoreException {
        byte[] content = ByteBuffer.allocate(Long.BYTES + form.length).putLong(life(writer).state().epoch()).put(form).array();
        documents.write(writer, KEY, key.name().place(), content, leaf, by);
    }

    @Override
    public Page list(boolean deleted, String after, int most) throws StoreException {
        return store.look(reader -> {
            Life now = life(reader);
            List<VaultKey> keys = new ArrayList<>();
            List<String> unreadable = new ArrayList<>();
            String last = after;
            long bytes = 0;
            while (true) {
                List<String> names = reader.names(KEY, last, LoggedStore.MAX_PAGE);
                for (String each : names) {
                    last = each;
                    try {
                        KeyDocuments.Authentic document = documents.read(reader, KEY, each)
                                .orElseThrow(() -> StoreException.damaged("the key '" + each + "' is gone"));
                        bytes += document.content().length();
                        VaultKey key = read(document, now);
                        if (deleted ? key.state() instanceof KeyState.Deleted : key.active()) {
                            keys.add(key);
                        }
                        if (keys.size() == most || bytes > MOST_OF_A_PAGE) {
                            return new Page(keys, Optional.of(key.name()), unreadable);
                        }
                    } catch (StoreException e) {
                        if (e.code() != StoreException.Code.DAMAGED) {
                            throw e;
                        }
                        unreadable.add(each);
                        LOG.log(System.Logger.Level.ERROR, e.getMessage());
                    }
                }
                if (names.size() < LoggedStore.MAX_PAGE) {
                    return new Page(keys, Optional.empty(), unreadable);
                }
            }
        });
    }

    /** What a key becomes, and what else is written with it, once it is known that it can be. */
    private record Next(VaultKey key, Also also) {
        static Next of(VaultKey key) {
            return new Next(key, writer -> {});
        }
    }

    @FunctionalInterface
    private interface Also {
        void write(LoggedStore.Writer writer) throws SQLException, StoreException;
    }

    @FunctionalInterface
    private interface Step {
        Next next(Optional<VaultKey> current, LoggedStore.Writer writer) throws RefusedException, SQLException, StoreException;
    }

    private sealed interface Outcome {
        record Ok(VaultKey key) implements Outcome {}

        record No(Problem problem) implements Outcome {}
    }

    /** A refusal is a value until the transaction is over, as others may share it. */
    private Changed change(KeyName name, String leaf, String by, Step step) throws RefusedException, StoreException {
        LoggedStore.Done<Outcome> done = store.work(
                writer -> {
                    try {
                        Optional<VaultKey> current = find(writer, name);
                        Next next = step.next(current, writer);
                        byte[] form = KeyForm.write(next.key());
                        KeyRoom.check(current, next.key(), form);
                        next.also().write(writer);
                        write(writer, next.key(), form, leaf, by);
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
                yield new Changed(ok.key(), receipt(done));
            }
            case Outcome.No no -> throw new RefusedException(no.problem());
        };
    }

    private static Receipt receipt(LoggedStore.Done<?> done) {
        return done.receipt().orElseThrow(() -> new IllegalStateException("every change of a key has a leaf"));
    }

    private static VaultKey present(KeyName name, Optional<VaultKey> current) throws RefusedException {
        if (current.isEmpty() || current.get().state() instanceof KeyState.Purged) {
            throw new RefusedException(Code.NOT_FOUND, "key '" + name + "': this vault has none of this name.");
        }
        return current.get();
    }

    private static VaultKey active(KeyName name, Optional<VaultKey> current) throws RefusedException {
        VaultKey key = present(name, current);
        if (!key.active()) {
            throw new RefusedException(Code.CONFLICT, "key '" + name + "': it is deleted; recover it first.");
        }
        return key;
    }

    private static VaultKey deleted(KeyName name, Optional<VaultKey> current) throws RefusedException {
        VaultKey key = present(name, current);
        if (key.active()) {
            throw new RefusedException(Code.CONFLICT, "key '" + name + "': it is not deleted.");
        }
        return key;
    }

    @Override
    public Changed createFirst(KeyName name, NewVersion version, String by) throws RefusedException, StoreException {
        return create(name, version, by, true);
    }

    @Override
    public Changed create(KeyName name, NewVersion version, String by) throws RefusedException, StoreException {
        return create(name, version, by, false);
    }

    private Changed create(KeyName name, NewVersion version, String by, boolean first) throws RefusedException, StoreException {
        String id = newVersionId();
        return change(name, "key-created", by, (current, writer) -> {
            KeyVersion fresh = wrapped(name, id, version, version.settings(), life(writer).state().epoch(), writer.now());
            VaultKey only = new VaultKey(name, new KeyState.Active(), List.of(fresh), List.of(), Bytes.EMPTY);
            if (current.isEmpty()) {
                checkCount(writer);
                return Next.of(only);
            }
            if (current.get().state() instanceof KeyState.Purged) {
                KeyPast past = past(writer, name).and(current.get());
                checkPast(name, past);
                return new Next(only, also -> {
                    write(also, name, past, by);
                    forgetUses(also, name, past, by);
                });
            }
            VaultKey key = active(name, current);
            if (first) {
                throw new RefusedException(Code.CONFLICT, "key '" + name + "': there is one of this name; rotate it for its next version.");
            }
            if ((key.newest().type() == KeyType.IDENTITY) != (version.type() == KeyType.IDENTITY)) {
                throw new RefusedException(Code.CONFLICT, "key '" + name + "': the name is taken by a key of another kind: what opens files"
                        + " and what is released whole cannot be versions of one key.");
            }
            return Next.of(key.with(fresh));
        });
    }

    private static void checkCount(LoggedStore.Writer writer) throws RefusedException {
        if (writer.names(KEY).size() >= MAX_KEYS) {
            throw new RefusedException(Code.CONFLICT, "keys: this vault has " + MAX_KEYS + ", which is the most.");
        }
    }

    private static void checkPast(KeyName name, KeyPast past) throws RefusedException {
        if (!past.fits()) {
            throw new RefusedException(Code.CONFLICT, "key '" + name + "': so many keys of this name were purged that the vault has no room"
                    + " to remember another, and forgets none; take another name.");
        }
    }

    private KeyPast past(LoggedStore.Reader reader, KeyName name) throws SQLException, StoreException {
        Optional<KeyDocuments.Authentic> found = documents.read(reader, PAST, name.place());
        try {
            return found.isEmpty() ? KeyPast.NONE : KeyPast.parse(found.get().content().toArray());
        } catch (MalformedException e) {
            throw StoreException.corrupt("what is remembered of the key '" + name + "'", e);
        }
    }

    private void write(LoggedStore.Writer writer, KeyName name, KeyPast past, String by) throws SQLException, StoreException {
        documents.write(writer, PAST, name.place(), past.toByteArray(), "key-remembered", by);
    }

    /** Counts of grants that nobody can use any more. */
    private void forgetUses(LoggedStore.Writer writer, KeyName name, KeyPast past, String by) throws SQLException, StoreException {
        KeyUses uses = uses(writer, name);
        KeyUses left = uses.only(past.grants());
        if (!left.equals(uses)) {
            documents.write(writer, USES, name.place(), left.toByteArray(), "uses-forgotten", by);
        }
    }

    @Override
    public Changed rotate(KeyName name, NewVersion version, UnaryOperator<KeySettings> settings, String by)
            throws RefusedException, StoreException {
        String id = newVersionId();
        return change(name, "key-rotated", by, (current, writer) -> {
            VaultKey key = active(name, current);
            KeyVersion newest = key.newest();
            if (newest.type() != version.type() || !newest.kty().equals(version.kty())
                    || !newest.parameter().equals(version.parameter())) {
                throw new RefusedException(Code.CONFLICT, "key '" + name + "': expected the next version of " + newest.kty() + " "
                        + newest.parameter() + ", found one of " + version.kty() + " " + version.parameter() + ".");
            }
            KeySettings next = settings.apply(newest.settings()).enabled(true);
            return Next.of(key.with(wrapped(name, id, version, next, life(writer).state().epoch(), writer.now())));
        });
    }

    private String newVersionId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    private KeyVersion wrapped(KeyName name, String id, NewVersion version, KeySettings settings, long in, Instant now) {
        KeyVersion bare = new KeyVersion(
                id, version.type(), version.kty(), version.parameter(), version.publicKey(), Bytes.EMPTY, in, settings, now, now);
        byte[] secret = version.secret().expose();
        try {
            return bare.wrapped(master.wrap(label(name, bare), secret), in);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** All of a version but its settings. No part has a bar in it. */
    private static String label(KeyName name, KeyVersion version) {
        return String.join("|", "innerkeep vault key v1", name.text(), version.id(), Integer.toString(version.type().number()),
                version.kty(), version.parameter(), Long.toString(version.epoch()),
                Bytes.sha256(version.publicKey().toArray()).hex());
    }

    @Override
    public KeySecret open(KeyName name, KeyVersion version) throws RefusedException {
        try {
            return KeySecret.owning(master.unwrap(label(name, version), version.wrapped()));
        } catch (MalformedException e) {
            throw new RefusedException(Code.UNAVAILABLE, "key '" + name + "' version " + version.id()
                    + ": its secret cannot be unwrapped; the store was changed, or another master key belongs to it.");
        }
    }

    @Override
    public Changed update(KeyName name, String version, UnaryOperator<KeySettings> change, String by)
            throws RefusedException, StoreException {
        return change(name, "key-updated", by, (current, writer) -> {
            VaultKey key = active(name, current);
            KeyVersion found = key.version(version).orElseThrow(() -> new RefusedException(
                    Code.NOT_FOUND, "key '" + name + "': it has no version " + version + "."));
            KeySettings next = change.apply(found.settings());
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
        return change(name, "key-updated", by, (current, writer) -> Next.of(active(name, current).rotation(rotation)));
    }

    @Override
    public Changed delete(KeyName name, String by) throws RefusedException, StoreException {
        return change(name, "key-deleted", by, (current, writer) ->
                Next.of(active(name, current).state(new KeyState.Deleted(writer.now(), writer.now().plus(RECOVERABLE)))));
    }

    @Override
    public Changed recover(KeyName name, String by) throws RefusedException, StoreException {
        return change(name, "key-recovered", by, (current, writer) ->
                Next.of(deleted(name, current).state(new KeyState.Active())));
    }

    @Override
    public Changed purge(KeyName name, String by) throws RefusedException, StoreException {
        return change(name, "key-purged", by, (current, writer) -> {
            VaultKey key = deleted(name, current);
            return Next.of(key.versions(key.versions().stream().map(each -> each.wrapped(Bytes.EMPTY, each.epoch())).toList())
                    .state(new KeyState.Purged(writer.now())));
        });
    }

    @Override
    public Changed grant(KeyName name, Grant grant, String by) throws RefusedException, StoreException {
        return change(name, "key-granted", by, (current, writer) -> {
            VaultKey key = active(name, current);
            List<Granted> all = new ArrayList<>(key.grants());
            all.add(new Granted(grant, writer.now(), KeyRoom.cut(by), Optional.empty()));
            return Next.of(key.grants(all));
        });
    }

    @Override
    public Changed revoke(KeyName name, String grant, String by) throws RefusedException, StoreException {
        return change(name, "key-revoked", by, (current, writer) -> {
            VaultKey key = present(name, current);
            List<Granted> all = new ArrayList<>();
            boolean found = false;
            for (Granted each : key.grants()) {
                if (each.grant().id().equals(grant)) {
                    found = true;
                    if (each.revoked().isPresent()) {
                        throw new RefusedException(Code.CONFLICT, "grant " + grant + ": it was revoked at " + each.revoked().get().at()
                                + ".");
                    }
                    all.add(new Granted(each.grant(), each.at(), each.by(), Optional.of(new Granted.Revoked(writer.now(), KeyRoom.cut(by)))));
                } else {
                    all.add(each);
                }
            }
            if (!found) {
                throw new RefusedException(Code.NOT_FOUND, "key '" + name + "': it has no grant of this id.");
            }
            return Next.of(key.grants(all));
        });
    }

    @Override
    public Bytes backup(KeyName name, String by) throws RefusedException, StoreException {
        Optional<VaultKey> key = store.work(
                        writer -> {
                            Optional<VaultKey> found = find(writer, name).filter(VaultKey::active);
                            if (found.isPresent()) {
                                Bytes record = Bytes.of(KeyForm.write(found.get()));
                                writer.happened("key-backed-up", name.place(), Bytes.sha256(record.toArray()),
                                        Map.of(KEY, Bytes.sha256(record.toArray())));
                            }
                            return found;
                        },
                        MOST_OF_A_KEY)
                .value();
        return Backup.seal(active(name, key), made.id(), master);
    }

    @Override
    public Changed restore(Bytes backup, String by) throws RefusedException, StoreException {
        VaultKey saved;
        try {
            saved = Backup.open(backup, made.id(), master);
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_PARAMETER, e);
        }
        Changed restored = change(saved.name(), "key-restored", by, (current, writer) -> {
            if (current.isPresent() && !(current.get().state() instanceof KeyState.Purged)) {
                throw new RefusedException(Code.CONFLICT, "key '" + saved.name() + "': there is a key of this name; a backup does not"
                        + " replace it.");
            }
            if (current.isEmpty()) {
                checkCount(writer);
            }
            VaultState before = life(writer).state();
            VaultState after = before.epoch(Math.addExact(before.epoch(), 1));
            KeyPast past = past(writer, saved.name());
            KeyPast known = current.isPresent() ? past.and(current.get()) : past;
            Set<String> ids = new HashSet<>();
            saved.versions().forEach(each -> ids.add(each.id()));
            KeyPast left = known.without(ids);
            checkPast(saved.name(), left);
            VaultKey next = reborn(saved, current, known, after, writer.now());
            return new Next(next, also -> {
                documents.write(also, VAULT, VAULT, after.toByteArray(), "vault-epoch", by);
                if (!left.equals(past)) {
                    write(also, saved.name(), left, by);
                }
            });
        });
        store.look(this::refresh);
        // Once more, with the new epoch.
        changed.run();
        return restored;
    }

    /**
     * Wrapped anew, so that what cannot be opened is found now; disabled, with what is known to be its newest policy and grants. Where keys
     * of this name are known and a version is not, the backup is of something that this vault must know: unless that was forgotten when the
     * whole store was restored from a copy.
     */
    private VaultKey reborn(VaultKey saved, Optional<VaultKey> current, KeyPast known, VaultState vault, Instant now)
            throws RefusedException {
        List<KeyVersion> versions = new ArrayList<>();
        Optional<VaultKey> same = Optional.empty();
        for (KeyVersion each : saved.versions()) {
            Optional<VaultKey> of = known.of(each.id());
            if (of.isEmpty() && !known.lives().isEmpty() && each.epoch() >= vault.restored()) {
                throw new RefusedException(Code.CONFLICT, "key '" + saved.name() + "': this vault had keys of this name, and knows nothing"
                        + " of the version " + each.id() + " in the backup, nor of its policy and grants.");
            }
            same = same.or(() -> of);
            try (KeySecret secret = open(saved.name(), each)) {
                KeyVersion bare = new KeyVersion(each.id(), each.type(), each.kty(), each.parameter(), each.publicKey(), Bytes.EMPTY,
                        vault.epoch(), limited(each, of).enabled(false), each.created(), now);
                byte[] bytes = secret.expose();
                try {
                    versions.add(bare.wrapped(master.wrap(label(saved.name(), bare), bytes), vault.epoch()));
                } finally {
                    Arrays.fill(bytes, (byte) 0);
                }
            }
        }
        // Those of the key as it was deleted, revoked ones too, where that is the one.
        boolean newest = current.isPresent() && saved.versions().stream().anyMatch(each -> current.get().version(each.id()).isPresent());
        List<Granted> grants = newest
                ? current.get().grants()
                : same.map(VaultKey::grants).orElse(known.lives().isEmpty() ? saved.grants() : List.of());
        return new VaultKey(saved.name(), new KeyState.Active(), versions, grants, saved.rotation());
    }

    private static KeySettings limited(KeyVersion saved, Optional<VaultKey> known) {
        KeySettings settings = saved.settings();
        if (known.isEmpty()) {
            return settings;
        }
        KeySettings newer = known.get().version(saved.id()).orElseThrow().settings();
        return new KeySettings(settings.enabled(), settings.notBefore(), settings.expires(), settings.exportable() && newer.exportable(),
                settings.operations(), settings.tags(), newer.releasePolicy());
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
        return documents.read(reader, kind, name).map(KeyDocuments.Authentic::content);
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
        documents.write(writer, kind, name, content, kind + "-set", by);
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
        VaultState state = life(reader).state();
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
                    newLife.set(writer.version(VAULT, VAULT) != seen.life());
                    boolean same = writer.version(KEY, seen.name().place()) == seen.version() && !newLife.get();
                    return decision.decide(same ? seen.key() : see(writer, seen.name()).key(), writer);
                },
                MOST_OF_A_DECISION);
        if (newLife.get()) {
            store.look(this::refresh);
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
        return store.look(reader -> {
            Map<String, Long> uses = new LinkedHashMap<>();
            KeyUses counted = uses(reader, key.name());
            for (Granted each : key.grants()) {
                String id = each.grant().id();
                uses.put(id, each.grant().uses().isPresent() ? counted.of(id) : reader.tally(usesOf(key.name(), id)));
            }
            return uses;
        });
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
        List<String> bounded = key.grants().stream()
                .filter(each -> each.revoked().isEmpty() && each.grant().uses().isPresent())
                .map(each -> each.grant().id())
                .toList();
        if (bounded.isEmpty()) {
            return Map.of();
        }
        KeyUses counted = uses(reader, key.name());
        Map<String, Long> uses = new LinkedHashMap<>();
        bounded.forEach(each -> uses.put(each, counted.of(each)));
        return uses;
    }

    /**
     * Counts the uses of grants that hold and bound them, outside of a transaction.
     *
     * @param key the key
     * @return uses by the ids of those grants
     * @throws StoreException if they cannot be read
     */
    public Map<String, Long> boundedUses(VaultKey key) throws StoreException {
        return store.look(reader -> boundedUses(key, reader));
    }

    /**
     * Counts one use of a grant. Of one that bounds its uses the count is a document of the vault; of others it is for owners to look at.
     *
     * @param name the key's name
     * @param grant the grant
     * @param writer writes
     * @return how often it was used now
     * @throws SQLException if the database fails
     * @throws StoreException if the count is not the one that holds
     */
    public long use(KeyName name, Grant grant, LoggedStore.Writer writer) throws SQLException, StoreException {
        if (grant.uses().isEmpty()) {
            return writer.add(usesOf(name, grant.id()), 1);
        }
        KeyUses now = uses(writer, name).oneMore(grant.id());
        documents.write(writer, USES, name.place(), now.toByteArray(), "grant-used", VAULT);
        return now.of(grant.id());
    }

    private KeyUses uses(LoggedStore.Reader reader, KeyName name) throws SQLException, StoreException {
        Optional<KeyDocuments.Authentic> found = documents.read(reader, USES, name.place());
        try {
            return found.isEmpty() ? KeyUses.NONE : KeyUses.parse(found.get().content().toArray());
        } catch (MalformedException e) {
            throw StoreException.corrupt("the uses of the key '" + name + "'", e);
        }
    }

    private static String usesOf(KeyName name, String grant) {
        return "uses of " + name.place() + " by " + grant;
    }

    /** {@return the vault's id: SHA-256 of the public key of whoever signs releases, 32 bytes} */
    public Bytes id() {
        return made.id();
    }

    /** Wipes the master key, and what was derived from it. The store stays open. */
    @Override
    public void close() {
        documents.close();
        master.close();
    }
}
