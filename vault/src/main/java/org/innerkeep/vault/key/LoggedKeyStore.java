package org.innerkeep.vault.key;

import java.io.IOException;
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
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
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
 * Keys as documents of the service's store, wrapped under a master key: AES-256-GCM, with all that a version is, and its key's name, as
 * additional data, so that no wrapped secret can be passed off as another.
 *
 * <p>Safe for use by several threads. Close it to wipe the master key.
 */
public final class LoggedKeyStore implements KeyStore, AutoCloseable {
    private static final String KEY = "vault-key";
    private static final String VAULT = "vault";
    private static final String KEYS = "vault keys";
    private static final int ID_BYTES = 16;

    /** How long a deleted key can be recovered, as clients of Azure Key Vault are told. */
    private static final Duration RECOVERABLE = Duration.ofDays(90);

    /** Roughly; the log's writer bounds what waits. */
    private static final long MOST_OF_A_KEY = 256 * 1024;

    private static final long MOST_OF_A_DECISION = 16 * 1024;

    private final LoggedStore store;
    private final WrappingKey master;
    private final SecureRandom random;
    private final VaultState state;
    private final AtomicLong epoch;
    private volatile Runnable changed = () -> {};
    private volatile Runnable decided = () -> {};

    private LoggedKeyStore(LoggedStore store, WrappingKey master, SecureRandom random, VaultState state) {
        this.store = store;
        this.master = master;
        this.random = random;
        this.state = state;
        this.epoch = new AtomicLong(state.epoch());
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
            VaultState made = newState(master, random);
            VaultState state = store.work(
                            writer -> {
                                Optional<VaultState> there = state(writer);
                                if (there.isEmpty()) {
                                    writer.set(VAULT, VAULT, Optional.of(Bytes.of(made.toByteArray())), "vault-created", VAULT);
                                }
                                return there.orElse(made);
                            },
                            0)
                    .value();
            LoggedKeyStore keys = new LoggedKeyStore(store, master, random, state);
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

    private static Optional<VaultState> state(LoggedStore.Reader reader) throws SQLException, StoreException {
        Optional<Bytes> body = reader.document(VAULT, VAULT).flatMap(LoggedStore.Document::body);
        if (body.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(VaultState.parse(body.get().toArray()));
        } catch (MalformedException e) {
            throw StoreException.corrupt("the vault", e);
        }
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
            return P256PublicKey.parse(state.publicKey().toArray());
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
            encoded = master.unwrap(VaultState.SIGNING_KEY, state.signingKey());
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
        long now = store.work(
                        writer -> {
                            VaultState before = state(writer).orElse(state);
                            VaultState after = before.epoch(Math.addExact(Math.max(before.epoch(), atLeast), 1));
                            String last = "";
                            List<LoggedStore.Document> some = writer.documents(KEY, last, LoggedStore.MAX_PAGE);
                            while (!some.isEmpty()) {
                                for (LoggedStore.Document each : some) {
                                    VaultKey key = disabled(read(each), writer.now());
                                    writer.set(KEY, each.name(), Optional.of(Bytes.of(KeyForm.write(key))), "key-restored", by);
                                    last = each.name();
                                }
                                some = writer.documents(KEY, last, LoggedStore.MAX_PAGE);
                            }
                            writer.set(VAULT, VAULT, Optional.of(Bytes.of(after.toByteArray())), "vault-restored", by);
                            return after.epoch();
                        },
                        MOST_OF_A_KEY)
                .value();
        return reached(now);
    }

    private static VaultKey disabled(VaultKey key, Instant at) {
        return key.versions(key.versions().stream().map(each -> each.with(each.settings().enabled(false), at)).toList());
    }

    @Override
    public long epoch() {
        return epoch.get();
    }

    /** An epoch that was seen; another thread may have seen a later one. */
    private long reached(long seen) {
        return epoch.accumulateAndGet(seen, Math::max);
    }

    @Override
    public Optional<VaultKey> find(KeyName name) throws StoreException {
        return store.look(reader -> find(reader, name)).filter(key -> !(key.state() instanceof KeyState.Purged));
    }

    private static Optional<VaultKey> find(LoggedStore.Reader reader, KeyName name) throws SQLException, StoreException {
        Optional<LoggedStore.Document> document = reader.document(KEY, name.place());
        if (document.isEmpty() || document.get().body().isEmpty()) {
            return Optional.empty();
        }
        VaultKey key = read(document.get());
        if (!key.name().equals(name)) {
            throw StoreException.corrupt("the key '" + name + "'", new MalformedException("name", -1, "it has the name of another"));
        }
        return Optional.of(key);
    }

    private static VaultKey read(LoggedStore.Document document) throws StoreException {
        try {
            return KeyForm.read(document.body().orElse(Bytes.EMPTY).toArray());
        } catch (MalformedException e) {
            throw StoreException.corrupt("the key '" + document.name() + "'", e);
        }
    }

    @Override
    public List<VaultKey> list(boolean deleted, String after, int most) throws StoreException {
        return store.look(reader -> {
            List<VaultKey> keys = new ArrayList<>();
            String last = after;
            List<LoggedStore.Document> some = reader.documents(KEY, last, most);
            while (!some.isEmpty() && keys.size() < most) {
                for (LoggedStore.Document each : some) {
                    VaultKey key = read(each);
                    last = each.name();
                    boolean wanted = deleted ? key.state() instanceof KeyState.Deleted : key.active();
                    if (wanted && keys.size() < most) {
                        keys.add(key);
                    }
                }
                some = reader.documents(KEY, last, most);
            }
            return List.copyOf(keys);
        });
    }

    /** What a key becomes. */
    @FunctionalInterface
    private interface Step {
        VaultKey next(Optional<VaultKey> current, LoggedStore.Writer writer) throws RefusedException, SQLException, StoreException;
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
                        VaultKey next = step.next(current, writer);
                        byte[] form = KeyForm.write(next);
                        if (form.length > LoggedStore.MAX_BYTES) {
                            throw new RefusedException(Code.INVALID_PARAMETER, "key '" + name + "': it would have " + form.length
                                    + " bytes with all its versions and grants, at most " + LoggedStore.MAX_BYTES + " are kept.");
                        }
                        if (current.isEmpty()) {
                            writer.add(KEYS, 1);
                        }
                        writer.set(KEY, name.place(), Optional.of(Bytes.of(form)), leaf, by);
                        return new Outcome.Ok(next);
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
    public Changed create(KeyName name, NewVersion version, String by) throws RefusedException, StoreException {
        String id = newVersionId();
        return change(name, "key-created", by, (current, writer) -> {
            KeyVersion made = wrapped(name, id, version, version.settings(), state(writer).orElse(state).epoch(), writer.now());
            if (current.isEmpty() || current.get().state() instanceof KeyState.Purged) {
                if (current.isEmpty() && writer.tally(KEYS) >= MAX_KEYS) {
                    throw new RefusedException(Code.CONFLICT, "keys: this vault has " + MAX_KEYS + ", which is the most.");
                }
                return new VaultKey(name, new KeyState.Active(), List.of(made), List.of(), Bytes.EMPTY);
            }
            return active(name, current).with(made);
        });
    }

    @Override
    public Changed rotate(KeyName name, NewVersion version, String by) throws RefusedException, StoreException {
        String id = newVersionId();
        return change(name, "key-rotated", by, (current, writer) -> {
            VaultKey key = active(name, current);
            KeyVersion newest = key.newest();
            if (newest.type() != version.type() || !newest.kty().equals(version.kty())
                    || !newest.parameter().equals(version.parameter())) {
                throw new RefusedException(Code.CONFLICT, "key '" + name + "': expected the next version of " + newest.kty() + " "
                        + newest.parameter() + ", found one of " + version.kty() + " " + version.parameter() + ".");
            }
            return key.with(wrapped(
                    name, id, version, newest.settings().enabled(true), state(writer).orElse(state).epoch(), writer.now()));
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
            return key.with(found.with(next, writer.now()));
        });
    }

    @Override
    public Changed setRotation(KeyName name, Bytes rotation, String by) throws RefusedException, StoreException {
        return change(name, "key-updated", by, (current, writer) -> active(name, current).rotation(rotation));
    }

    @Override
    public Changed delete(KeyName name, String by) throws RefusedException, StoreException {
        return change(name, "key-deleted", by, (current, writer) ->
                active(name, current).state(new KeyState.Deleted(writer.now(), writer.now().plus(RECOVERABLE))));
    }

    @Override
    public Changed recover(KeyName name, String by) throws RefusedException, StoreException {
        return change(name, "key-recovered", by, (current, writer) -> deleted(name, current).state(new KeyState.Active()));
    }

    @Override
    public Changed purge(KeyName name, String by) throws RefusedException, StoreException {
        return change(name, "key-purged", by, (current, writer) -> {
            VaultKey key = deleted(name, current);
            return key.versions(key.versions().stream().map(each -> each.wrapped(Bytes.EMPTY, each.epoch())).toList())
                    .state(new KeyState.Purged(writer.now()));
        });
    }

    @Override
    public Changed grant(KeyName name, Grant grant, String by) throws RefusedException, StoreException {
        return change(name, "key-granted", by, (current, writer) -> {
            VaultKey key = active(name, current);
            List<Granted> all = new ArrayList<>(key.grants());
            all.add(new Granted(grant, writer.now(), by, Optional.empty()));
            return key.grants(all);
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
                    all.add(new Granted(each.grant(), each.at(), each.by(), Optional.of(new Granted.Revoked(writer.now(), by))));
                } else {
                    all.add(each);
                }
            }
            if (!found) {
                throw new RefusedException(Code.NOT_FOUND, "key '" + name + "': it has no grant of this id.");
            }
            return key.grants(all);
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
        return Backup.seal(active(name, key), state.id(), master);
    }

    @Override
    public Changed restore(Bytes backup, String by) throws RefusedException, StoreException {
        VaultKey saved;
        try {
            saved = Backup.open(backup, state.id(), master);
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_PARAMETER, e);
        }
        Changed restored = change(saved.name(), "key-restored", by, (current, writer) -> {
            if (current.isPresent() && !(current.get().state() instanceof KeyState.Purged)) {
                throw new RefusedException(Code.CONFLICT, "key '" + saved.name() + "': there is a key of this name; a backup does not"
                        + " replace it.");
            }
            VaultState before = state(writer).orElse(state);
            VaultState after = before.epoch(Math.addExact(before.epoch(), 1));
            VaultKey next = reborn(saved, current, after.epoch(), writer.now());
            writer.set(VAULT, VAULT, Optional.of(Bytes.of(after.toByteArray())), "vault-epoch", by);
            return next;
        });
        reached(restored.key().newest().epoch());
        // Once more, with the new epoch.
        changed.run();
        return restored;
    }

    /** Wrapped anew, so that what cannot be opened is found now; disabled, with what is known to be its newest policy. */
    private VaultKey reborn(VaultKey saved, Optional<VaultKey> remembered, long in, Instant now) throws RefusedException {
        List<KeyVersion> versions = new ArrayList<>();
        for (KeyVersion each : saved.versions()) {
            try (KeySecret secret = open(saved.name(), each)) {
                KeySettings settings = remembered
                        .flatMap(key -> key.version(each.id()))
                        .map(newer -> each.settings().releasePolicy(newer.settings().releasePolicy()))
                        .orElse(each.settings());
                KeyVersion bare = new KeyVersion(each.id(), each.type(), each.kty(), each.parameter(), each.publicKey(), Bytes.EMPTY,
                        in, settings.enabled(false), each.created(), now);
                byte[] bytes = secret.expose();
                try {
                    versions.add(bare.wrapped(master.wrap(label(saved.name(), bare), bytes), in));
                } finally {
                    Arrays.fill(bytes, (byte) 0);
                }
            }
        }
        List<Granted> grants = remembered.map(VaultKey::grants).orElse(saved.grants());
        return new VaultKey(saved.name(), new KeyState.Active(), versions, grants, saved.rotation());
    }

    @Override
    public <T> LoggedStore.Done<T> decide(KeyName name, Decision<T> decision) throws StoreException {
        LoggedStore.Done<T> done = store.work(
                writer -> {
                    reached(state(writer).orElse(state).epoch());
                    return decision.decide(
                            find(writer, name).filter(key -> !(key.state() instanceof KeyState.Purged)), writer);
                },
                MOST_OF_A_DECISION);
        decided.run();
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
            for (Granted each : key.grants()) {
                uses.put(each.grant().id(), reader.tally(usesOf(key.name(), each.grant().id())));
            }
            return uses;
        });
    }

    /**
     * Counts, within a transaction, the uses of grants that hold and bound them: of the others it does not matter.
     *
     * @param key the key
     * @param reader reads
     * @return uses by the ids of those grants
     * @throws SQLException if the database fails
     */
    public static Map<String, Long> boundedUses(VaultKey key, LoggedStore.Reader reader) throws SQLException {
        Map<String, Long> uses = new LinkedHashMap<>();
        for (Granted each : key.grants()) {
            if (each.revoked().isEmpty() && each.grant().uses().isPresent()) {
                uses.put(each.grant().id(), reader.tally(usesOf(key.name(), each.grant().id())));
            }
        }
        return uses;
    }

    /**
     * Where the uses of a grant are counted.
     *
     * @param name the key's name
     * @param grant the grant's id
     * @return the place of the amount
     */
    public static String usesOf(KeyName name, String grant) {
        return "uses of " + name.place() + " by " + grant;
    }

    /** {@return the vault's id: SHA-256 of the public key of whoever signs releases, 32 bytes} */
    public Bytes id() {
        return state.id();
    }

    /** Wipes the master key. The store stays open. */
    @Override
    public void close() {
        master.close();
    }
}
