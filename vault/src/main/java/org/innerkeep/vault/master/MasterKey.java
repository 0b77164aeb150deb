package org.innerkeep.vault.master;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The master key of the vault in a store, opened as settings say: in the way that it is wrapped in, or from recovery shares. What is to
 * change of the ways is written by {@link #settle}, once what depends on it is done; until then the store is as it was.
 *
 * <p>For one thread.
 */
public final class MasterKey {
    private static final String KIND = "vault";
    private static final String NAME = "master-key";
    private static final String BY = "operator";
    private static final String RECOVERED = "vault-recovered";

    private final LoggedStore store;
    private final WrappingKey key;
    private final Optional<LoggedStore.Document> found;
    private Optional<Change> pending;
    private final List<String> said;

    /**
     * What is to be written.
     *
     * @param body as it is to be
     * @param leaf the kind of leaf
     */
    private record Change(Bytes body, String leaf) {}

    private MasterKey(
            LoggedStore store,
            WrappingKey key,
            Optional<LoggedStore.Document> found,
            Optional<Change> pending,
            List<String> said) {
        this.store = store;
        this.key = key;
        this.found = found;
        this.pending = pending;
        this.said = List.copyOf(said);
    }

    /**
     * Looks whether the settings can be followed, before anything is opened or made.
     *
     * @param configuration the settings
     * @param attended whether somebody can be asked at a terminal
     * @throws IOException if a file or folder that one names is not what it should be
     * @throws IllegalArgumentException if one is not understood, or one is missing
     */
    public static void check(ServiceConfiguration configuration, boolean attended) throws IOException {
        MasterSettings.of(configuration, attended);
    }

    /**
     * Opens the master key, and makes it where there is none: then it is in the store already, before anything is wrapped under it.
     *
     * @param configuration how
     * @param terminal to ask, where somebody sits before one
     * @param store of the vault
     * @param vaultThere whether the store has a vault already, whose master key then must be there
     * @param random for keys, salts and nonces
     * @return the master key
     * @throws IOException if it cannot be opened: then nothing was changed
     * @throws IllegalArgumentException if a setting is missing
     */
    public static MasterKey open(
            ServiceConfiguration configuration,
            Optional<Terminal> terminal,
            LoggedStore store,
            boolean vaultThere,
            SecureRandom random)
            throws IOException {
        return open(configuration, terminal, store, vaultThere, Optional.empty(), random);
    }

    /**
     * Opens the master key as above, in an enclave or not. Where it is made: it is in the store already, before anything is
     * wrapped under it.
     *
     * @param configuration how
     * @param terminal to ask, where somebody sits before one
     * @param store of the vault
     * @param vaultThere whether the store has a vault already, whose master key then must be there
     * @param enclosed the key of the enclave in which the vault runs, where it runs in one; stays the caller's to close
     * @param random for keys, salts and nonces
     * @return the master key
     * @throws IOException if it cannot be opened: then nothing was changed
     * @throws IllegalArgumentException if a setting is missing
     */
    public static MasterKey open(
            ServiceConfiguration configuration,
            Optional<Terminal> terminal,
            LoggedStore store,
            boolean vaultThere,
            Optional<WrappingKey> enclosed,
            SecureRandom random)
            throws IOException {
        return open(configuration, terminal, store, vaultThere, Argon2.STRONG, enclosed, random);
    }

    /** Where the vault runs in no enclave. */
    static MasterKey open(
            ServiceConfiguration configuration,
            Optional<Terminal> terminal,
            LoggedStore store,
            boolean vaultThere,
            Argon2 cost,
            SecureRandom random)
            throws IOException {
        return open(configuration, terminal, store, vaultThere, cost, Optional.empty(), random);
    }

    /** With the cost of a new passphrase, which tests do not want to pay. */
    static MasterKey open(
            ServiceConfiguration configuration,
            Optional<Terminal> terminal,
            LoggedStore store,
            boolean vaultThere,
            Argon2 cost,
            Optional<WrappingKey> enclosed,
            SecureRandom random)
            throws IOException {
        MasterSettings settings = MasterSettings.of(configuration, terminal.isPresent());
        Optional<LoggedStore.Document> found =
                store.look(reader -> reader.document(KIND, NAME)).filter(document -> document.body().isPresent());
        Opening opening = new Opening(settings, new Protections(settings, terminal, cost, enclosed, random), new Shares(terminal),
                store, random);
        if (found.isEmpty()) {
            if (vaultThere) {
                throw new IOException("vault: this store has a vault and no record of its master key; it was made by a program from before"
                        + " there was such a record, or was changed");
            }
            if (settings.recover()) {
                throw new IOException("vault: there is none in this store that could be recovered; name the store with its setting 'store'");
            }
            return opening.first();
        }
        try {
            return opening.of(found.get(), CodedRecord.parse(found.get().body().orElse(Bytes.EMPTY)));
        } catch (MalformedException e) {
            throw StoreException.corrupt("the vault's master key", e);
        }
    }

    /** {@return the key under which secrets are wrapped, for the caller to close} */
    public WrappingKey key() {
        return key;
    }

    /** {@return whether it was opened from recovery shares: then every key of the vault is to be disabled before {@link #settle}} */
    public boolean recovered() {
        return pending.filter(change -> change.leaf().equals(RECOVERED)).isPresent();
    }

    /** {@return lines for whoever started the service; no secret is in them} */
    public List<String> said() {
        return said;
    }

    /**
     * Writes what is to change of the ways to open the master key; nothing where nothing is.
     *
     * @throws IOException if it cannot be written, or another instance changed it meanwhile
     */
    public void settle() throws IOException {
        if (pending.isEmpty()) {
            return;
        }
        Change change = pending.get();
        boolean written = store.work(
                        writer -> {
                            Optional<Bytes> now = writer.document(KIND, NAME).flatMap(LoggedStore.Document::body);
                            if (!now.equals(found.flatMap(LoggedStore.Document::body))) {
                                return false;
                            }
                            writer.set(KIND, NAME, Optional.of(change.body()), change.leaf(), BY);
                            return true;
                        },
                        0)
                .value();
        if (!written) {
            throw new IOException("vault: another instance made or changed its master key at the same time; what was to be changed here was"
                    + " not, and shares that were given out here are void. Start again");
        }
        pending = Optional.empty();
    }

    /** One opening. */
    private record Opening(
            MasterSettings settings, Protections protections, Shares shares, LoggedStore store, SecureRandom random) {
        private static final int KEY_BYTES = 32;

        MasterKey first() throws IOException {
            byte[] id = new byte[MasterRecord.ID_BYTES];
            byte[] master = new byte[KEY_BYTES];
            random.nextBytes(id);
            random.nextBytes(master);
            try (Protection protection = protections.fresh()) {
                MasterRecord bare =
                        new MasterRecord(Bytes.of(id), protection.wrap(Bytes.of(id), master), Optional.empty());
                List<String> said = new ArrayList<>();
                MasterRecord record = settings.quorum().isPresent() ? shared(bare, settings.quorum().get(), master, said) : bare;
                MasterKey made = opened(master, Optional.empty(), Optional.of(change(record, "vault-master-created", master)), said);
                boolean settled = false;
                try {
                    made.settle();
                    settled = true;
                    return made;
                } finally {
                    if (!settled) {
                        made.key.close();
                    }
                }
            } finally {
                Arrays.fill(master, (byte) 0);
            }
        }

        MasterKey of(LoggedStore.Document found, CodedRecord coded) throws IOException {
            MasterRecord record = coded.record();
            byte[] master = {};
            try {
                master = settings.recover() ? recovered(record) : unwrapped(record);
                coded.check(master);
                MasterRecord next = record;
                String leaf = "";
                if (settings.recover() || settings.change()) {
                    try (Protection protection = protections.fresh()) {
                        next = next.wrap(protection.wrap(record.id(), master));
                    }
                    leaf = settings.recover() ? RECOVERED : "vault-master-changed";
                }
                List<String> said = new ArrayList<>();
                if (settings.quorum().isPresent() && wantsShares(record, settings.quorum().get())) {
                    next = shared(next, settings.quorum().get(), master, said);
                    leaf = leaf.isEmpty() ? "vault-shares-made" : leaf;
                }
                return opened(
                        master, Optional.of(found), leaf.isEmpty() ? Optional.empty() : Optional.of(change(next, leaf, master)), said);
            } finally {
                Arrays.fill(master, (byte) 0);
            }
        }

        /** Shares that were shown to open the vault have been in one place: their set is not used again. */
        private boolean wantsShares(MasterRecord record, Quorum quorum) {
            return settings.renew() || settings.recover() || !record.recovery().map(Recovery::quorum).equals(Optional.of(quorum));
        }

        private static Change change(MasterRecord record, String leaf, byte[] master) {
            return new Change(CodedRecord.of(record, master).body(), leaf);
        }

        private MasterKey opened(
                byte[] master, Optional<LoggedStore.Document> found, Optional<Change> pending, List<String> said) {
            return new MasterKey(store, WrappingKey.of(master, random), found, pending, said);
        }

        private byte[] unwrapped(MasterRecord record) throws IOException {
            Way way = record.wrap().way();
            if (settings.change()) {
                try (Protection protection = protections.previous(way)) {
                    return protection.unwrap(record.id(), record.wrap());
                }
            }
            if (way != settings.way()) {
                throw new IOException("vault: its master key is wrapped in the way '" + way + "', vault-master-key says '" + settings.way()
                        + "'. Set that right; or, to change the way, start once with vault-master-key-change=true");
            }
            try (Protection protection = protections.standing()) {
                return protection.unwrap(record.id(), record.wrap());
            }
        }

        private byte[] recovered(MasterRecord record) throws IOException {
            Recovery recovery = record.recovery().orElseThrow(() -> new IOException(
                    "recovery: no shares were ever made for the vault in this store, so nothing but what opened it opens it"));
            List<Recovery.Shown> shown = shares.take(settings.shareFiles(), recovery.quorum().needed());
            try {
                return recovery.open(record.id(), shown);
            } finally {
                shown.forEach(each -> each.share().close());
            }
        }

        /** Given out before they hold: shares that were lost on the way then open nothing, rather than being all there is. */
        private MasterRecord shared(MasterRecord record, Quorum quorum, byte[] master, List<String> said) throws IOException {
            try (Recovery.Made made = Recovery.make(record.id(), master, quorum, random)) {
                said.add("recovery     " + shares.give(made.shares(), settings.sharesFolder()));
                return record.recovery(made.recovery());
            }
        }
    }
}
