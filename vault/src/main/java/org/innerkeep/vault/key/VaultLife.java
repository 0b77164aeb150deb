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
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * The vault itself: who it is, in which life it is, and its own two secrets, which never change. Safe for use by several threads.
 * Close it to wipe what was derived from them.
 */
final class VaultLife implements AutoCloseable {
    /** Who does what the vault does by itself. */
    static final String VAULT = "vault";

    /**
     * Lives that may have been in the state that was given up for an older one, of which nobody knows any more how many: each was
     * begun by its owner, who restored a key.
     */
    private static final long LIVES_PER_STATE = 1 << 20;

    /** Of the older state that was accepted last. */
    private static final String ACCEPTANCE = "vault-acceptance";

    private final LoggedStore store;
    private final WrappingKey master;
    private final KeyDocuments documents;
    private final VaultState made;
    private final AtomicReference<Life> life;

    /** The vault as it was read last. */
    record Life(long version, VaultState state) {}

    private VaultLife(LoggedStore store, WrappingKey master, KeyDocuments documents, Life life) {
        this.store = store;
        this.master = master;
        this.documents = documents;
        this.made = life.state();
        this.life = new AtomicReference<>(life);
    }

    static boolean isIn(LoggedStore store) throws StoreException {
        return store.look(reader -> reader.document(VAULT, VAULT).isPresent());
    }

    /** Opens the vault of a store, and makes it where there is none. */
    static VaultLife open(LoggedStore store, WrappingKey master, SecureRandom random) throws IOException {
        LoggedStore.Document vault = document(store, master, random);
        KeyDocuments documents = documents(parse(KeyDocuments.unproven(vault)), master);
        KeyDocuments.Authentic proven = documents.open(VAULT, vault);
        VaultLife opened = new VaultLife(store, master, documents, new Life(proven.version(), parse(proven.content().toArray())));
        // Now, and not when the first enclave asks.
        opened.signingKey();
        return opened;
    }

    private static LoggedStore.Document document(LoggedStore store, WrappingKey master, SecureRandom random) throws IOException {
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

    /** Documents of this vault. */
    KeyDocuments documents() {
        return documents;
    }

    /** As it was known last. */
    VaultState known() {
        return life.get().state();
    }

    /** The vault as it is; it is not read again while the log says that it is the same. */
    Life now(LoggedStore.Reader reader) throws SQLException, StoreException {
        Life known = life.get();
        if (reader.version(VAULT, VAULT) == known.version()) {
            return known;
        }
        KeyDocuments.Authentic found = documents.read(reader, VAULT, VAULT)
                .orElseThrow(() -> StoreException.damaged("the vault is gone"));
        return new Life(found.version(), parse(found.content().toArray()));
    }

    /** Keeps what holds: only outside of transactions that may still be taken back. */
    void refresh() throws StoreException {
        store.look(this::refresh);
    }

    Life refresh(LoggedStore.Reader reader) throws SQLException, StoreException {
        Life now = now(reader);
        // Another thread may have seen a later one.
        return life.accumulateAndGet(now, (known, seen) -> seen.version() > known.version() ? seen : known);
    }

    /** Begins the next life, in which nothing is forgotten. */
    static VaultState next(VaultState before) {
        return before.epoch(Math.addExact(before.epoch(), 1));
    }

    void write(LoggedStore.Writer writer, VaultState state, String leaf, String by) throws SQLException, StoreException {
        documents.write(writer, VAULT, VAULT, state.toByteArray(), leaf, by);
    }

    /** Begins the life after the whole store was restored from a copy; its epoch is above all that anybody remembers. */
    long restored(long atLeast, String by) throws StoreException {
        long epoch = store.work(
                        writer -> {
                            VaultState before = now(writer).state();
                            VaultState after = before.restored(Math.addExact(Math.max(before.epoch(), atLeast), 1));
                            write(writer, after, "vault-restored", by);
                            return after.epoch();
                        },
                        0)
                .value();
        refresh();
        return epoch;
    }

    /** Begins that life where this acceptance of an older state is not the one for which it was begun last. */
    boolean accepted(Bytes acceptance, String by) throws StoreException {
        boolean begun = store.work(
                        writer -> {
                            Bytes known = documents.read(writer, ACCEPTANCE, VAULT)
                                    .map(KeyDocuments.Authentic::content)
                                    .orElse(Bytes.EMPTY);
                            if (known.equals(acceptance)) {
                                return false;
                            }
                            VaultState before = now(writer).state();
                            long epoch = Math.addExact(before.epoch(), LIVES_PER_STATE);
                            write(writer, before.restored(epoch), "vault-restored", by);
                            documents.write(writer, ACCEPTANCE, VAULT, acceptance.toArray(), ACCEPTANCE + "-set", by);
                            return true;
                        },
                        0)
                .value();
        refresh();
        return begun;
    }

    Bytes id() {
        return made.id();
    }

    P256PublicKey publicKey() {
        try {
            return P256PublicKey.parse(made.publicKey().toArray());
        } catch (MalformedException e) {
            throw new IllegalStateException("it was parsed when the vault was opened", e);
        }
    }

    PrivateKey signingKey() throws IOException {
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

    byte[] challengeSecret() throws IOException {
        return challengeSecret(made, master);
    }

    private static byte[] challengeSecret(VaultState state, WrappingKey master) throws IOException {
        try {
            return master.unwrap(VaultState.CHALLENGE_SECRET, state.challengeSecret());
        } catch (MalformedException e) {
            throw new IOException("vault: this store was made under another master key; start with the key that belongs to it", e);
        }
    }

    @Override
    public void close() {
        documents.close();
    }
}
