package org.innerkeep.vault.key;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.grant.Granted;
import org.innerkeep.vault.key.KeyChange.Next;

/** Backups of single keys, and what becomes of one that is restored. Safe for use by several threads. */
final class KeyBackups {
    private final LoggedStore store;
    private final WrappingKey master;
    private final KeyChange change;
    private final KeyRecords records;
    private final VersionSecrets secrets;
    private final VaultLife life;

    KeyBackups(LoggedStore store, WrappingKey master, KeyChange change, KeyRecords records, VersionSecrets secrets, VaultLife life) {
        this.store = store;
        this.master = master;
        this.change = change;
        this.records = records;
        this.secrets = secrets;
        this.life = life;
    }

    Bytes backup(KeyName name) throws RefusedException, StoreException {
        Optional<VaultKey> key = store.work(
                        writer -> {
                            Optional<VaultKey> found = records.find(writer, name).filter(VaultKey::active);
                            if (found.isPresent()) {
                                Bytes record = Bytes.of(KeyForm.write(found.get()));
                                writer.happened("key-backed-up", name.place(), Bytes.sha256(record.toArray()),
                                        Map.of(KeyRecords.KEY, Bytes.sha256(record.toArray())));
                            }
                            return found;
                        },
                        KeyChange.MOST_OF_A_KEY)
                .value();
        return Backup.seal(KeyChange.active(name, key), life.id(), master);
    }

    /** Restores, in the vault's next life; whoever calls sees to it that the new life is known. */
    KeyStore.Changed restore(Bytes backup, String by) throws RefusedException, StoreException {
        VaultKey saved;
        try {
            saved = Backup.open(backup, life.id(), master);
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_PARAMETER, e);
        }
        return change.make(saved.name(), "key-restored", by, (current, writer) -> {
            if (current.isPresent() && !(current.get().state() instanceof KeyState.Purged)) {
                throw new RefusedException(Code.CONFLICT, "key '" + saved.name() + "': there is a key of this name; a backup does not"
                        + " replace it.");
            }
            if (current.isEmpty()) {
                KeyChange.checkCount(writer);
            }
            VaultState after = VaultLife.next(life.now(writer).state());
            KeyPast past = records.past(writer, saved.name());
            KeyPast known = current.isPresent() ? past.and(current.get()) : past;
            Set<String> ids = new HashSet<>();
            saved.versions().forEach(each -> ids.add(each.id()));
            KeyPast left = known.without(ids);
            KeyChange.checkPast(saved.name(), left);
            VaultKey next = reborn(saved, current, known, after, writer.now());
            return new Next(next, also -> {
                life.write(also, after, "vault-epoch", by);
                if (!left.equals(past)) {
                    records.write(also, saved.name(), left, by);
                }
            });
        });
    }

    /**
     * Wrapped anew, so that what cannot be opened is found now; disabled, with what is known to be its newest policy and grants.
     * Where keys of this name are known and a version is not, the backup is of something that this vault must know: unless that
     * was forgotten when the whole store was restored from a copy.
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
            try (KeySecret secret = secrets.open(saved.name(), each)) {
                KeyVersion bare = new KeyVersion(each.id(), each.type(), each.kty(), each.parameter(), each.publicKey(), Bytes.EMPTY,
                        vault.epoch(), limited(each, of).enabled(false), each.created(), now);
                versions.add(secrets.wrapped(saved.name(), bare, secret, vault.epoch()));
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
}
