package org.innerkeep.vault.key;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.vault.key.KeyChange.Next;

/** Makes keys, and versions of keys. Safe for use by several threads. */
final class NewVersions {
    private static final int ID_BYTES = 16;

    private final KeyChange change;
    private final KeyRecords records;
    private final GrantUses uses;
    private final VersionSecrets secrets;
    private final VaultLife life;
    private final SecureRandom random;

    NewVersions(KeyChange change, KeyRecords records, GrantUses uses, VersionSecrets secrets, VaultLife life, SecureRandom random) {
        this.change = change;
        this.records = records;
        this.uses = uses;
        this.secrets = secrets;
        this.life = life;
        this.random = random;
    }

    /**
     * Makes a key; or the next version of one, of whatever type, that is there.
     *
     * @param first whether there must be none
     */
    KeyStore.Changed create(KeyName name, NewVersion version, String by, boolean first) throws RefusedException, StoreException {
        String id = newId();
        return change.make(name, "key-created", by, (current, writer) -> {
            KeyVersion fresh =
                    secrets.wrapped(name, id, version, version.settings(), life.now(writer).state().epoch(), writer.now());
            VaultKey only = new VaultKey(name, new KeyState.Active(), List.of(fresh), List.of(), Bytes.EMPTY);
            if (current.isEmpty()) {
                KeyChange.checkCount(writer);
                return Next.of(only);
            }
            if (current.get().state() instanceof KeyState.Purged) {
                KeyPast past = records.past(writer, name).and(current.get());
                KeyChange.checkPast(name, past);
                return new Next(only, also -> {
                    records.write(also, name, past, by);
                    uses.forget(also, name, past, by);
                });
            }
            VaultKey key = KeyChange.active(name, current);
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

    /** Makes the next version of a key, of the same type. */
    KeyStore.Changed rotate(KeyName name, NewVersion version, UnaryOperator<KeySettings> settings, String by)
            throws RefusedException, StoreException {
        String id = newId();
        return change.make(name, "key-rotated", by, (current, writer) -> {
            VaultKey key = KeyChange.active(name, current);
            KeyVersion newest = key.newest();
            if (newest.type() != version.type() || !newest.kty().equals(version.kty())
                    || !newest.parameter().equals(version.parameter())) {
                throw new RefusedException(Code.CONFLICT, "key '" + name + "': expected the next version of " + newest.kty() + " "
                        + newest.parameter() + ", found one of " + version.kty() + " " + version.parameter() + ".");
            }
            KeySettings next = settings.apply(newest.settings()).enabled(true);
            return Next.of(key.with(
                    secrets.wrapped(name, id, version, next, life.now(writer).state().epoch(), writer.now())));
        });
    }

    private String newId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }
}
