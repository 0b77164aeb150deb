package org.innerkeep.vault.azure;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeySettings;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.KeyStore.Changed;
import org.innerkeep.vault.key.KeyType;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.NewVersion;
import org.innerkeep.vault.key.ReleasePolicy;
import org.innerkeep.vault.key.VaultKey;

/**
 * What can be done with keys but releasing them, by the rules of Azure Key Vault: a key that can be exported has a release policy, and only
 * such a key has one; an immutable policy stays. Identities, which Azure does not have, are not shown here.
 *
 * <p>Safe for use by several threads.
 */
final class KeyOperations {
    private final KeyStore store;
    private final InstantSource clock;
    private final SecureRandom random;

    KeyOperations(KeyStore store, InstantSource clock, SecureRandom random) {
        this.store = store;
        this.clock = clock;
        this.random = random;
    }

    /** A key that is there, with at least one version. */
    VaultKey get(KeyName name) throws RefusedException, StoreException {
        return store.find(name).filter(key -> key.active() && shown(key)).orElseThrow(() -> notFound(name));
    }

    /** A key that was deleted and can be recovered. */
    VaultKey deleted(KeyName name) throws RefusedException, StoreException {
        return store.find(name).filter(key -> !key.active() && shown(key)).orElseThrow(() -> notFound(name));
    }

    static boolean shown(VaultKey key) {
        return key.newest().type() != KeyType.IDENTITY;
    }

    /** A version by its id; the newest where that is empty. */
    static KeyVersion version(VaultKey key, String id) throws RefusedException {
        if (id.isEmpty()) {
            return key.newest();
        }
        return key.version(id).orElseThrow(() -> notFound(key.name()));
    }

    static RefusedException notFound(KeyName name) {
        return new RefusedException(Code.KEY_NOT_FOUND, "A key with (name/id) " + name + " was not found in this key vault.");
    }

    Changed create(KeyName name, KeyBodies.Creation wanted, String by) throws RefusedException, StoreException {
        KeySettings settings = settings(wanted.wishes(), wanted.type());
        checkName(name);
        try (FreshKey key = KeyMaker.make(wanted.type(), wanted.parameter(), random)) {
            return store.create(name, version(wanted.kty(), key, settings), by);
        }
    }

    Changed bring(KeyName name, KeyBodies.Import brought, String by) throws RefusedException, StoreException {
        checkName(name);
        return store.create(name, version(brought.kty(), brought.key(), settings(brought.wishes(), brought.key().type())), by);
    }

    private static NewVersion version(String kty, FreshKey key, KeySettings settings) {
        return new NewVersion(key.type().kept(), kty, key.parameter(), key.publicKey(), key.secret(), settings);
    }

    /** Nobody makes a version of an identity by way of this interface, nor finds out by it that there is one. */
    private void checkName(KeyName name) throws RefusedException, StoreException {
        Optional<VaultKey> there = store.find(name);
        if (there.isPresent() && !shown(there.get())) {
            throw new RefusedException(
                    Code.CONFLICT, "key '" + name + "': the name is taken by something that is no key of this interface.");
        }
        if (there.isPresent() && !there.get().active()) {
            throw new RefusedException(Code.CONFLICT, "Key " + name + " is currently in a deleted but recoverable state, and its name"
                    + " cannot be reused; in this state, the key can only be recovered or purged.");
        }
    }

    private static KeySettings settings(KeyBodies.Wishes wishes, WebKeyType type) throws RefusedException {
        KeySettings settings;
        try {
            settings = wishes.fresh(type);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Code.BAD_PARAMETER, e.getMessage() + ".");
        }
        if (settings.exportable() && settings.releasePolicy().isEmpty()) {
            throw new RefusedException(Code.BAD_PARAMETER, "AKV.SKR.1004: Exportable keys must have release policy.");
        }
        if (!settings.exportable() && settings.releasePolicy().isPresent()) {
            throw new RefusedException(Code.BAD_PARAMETER, "AKV.SKR.1005: Non-exportable keys must not have release policy.");
        }
        return settings;
    }

    Changed update(KeyName name, String id, KeyBodies.Wishes wishes, String by) throws RefusedException, StoreException {
        KeyVersion version = version(get(name), id);
        KeySettings old = version.settings();
        if (wishes.exportable().isPresent() && wishes.exportable().get() != old.exportable()) {
            throw new RefusedException(Code.BAD_PARAMETER, "AKV.SKR.1003: The exportable attribute of an existing key cannot be changed.");
        }
        if (wishes.policy().isPresent() && !old.exportable()) {
            throw new RefusedException(Code.BAD_PARAMETER, "AKV.SKR.1005: Non-exportable keys must not have release policy.");
        }
        if (old.releasePolicy().filter(ReleasePolicy::immutable).isPresent()
                && wishes.policy().isPresent() && !wishes.policy().equals(old.releasePolicy())) {
            throw new RefusedException(Code.BAD_PARAMETER, "AKV.SKR.1020: Immutable Key Release Policy cannot be modified.");
        }
        try {
            KeySettings probe = wishes.over(old);
            if (probe.notBefore().isPresent() && probe.expires().isPresent() && !probe.notBefore().get().isBefore(probe.expires().get())) {
                throw new RefusedException(Code.BAD_PARAMETER, "attributes.exp: expected a time after 'nbf'.");
            }
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Code.BAD_PARAMETER, e.getMessage() + ".");
        }
        return store.update(name, version.id(), wishes::over, by);
    }

    Changed delete(KeyName name, String by) throws RefusedException, StoreException {
        get(name);
        return store.delete(name, by);
    }

    Changed recover(KeyName name, String by) throws RefusedException, StoreException {
        deleted(name);
        return store.recover(name, by);
    }

    Changed purge(KeyName name, String by) throws RefusedException, StoreException {
        deleted(name);
        return store.purge(name, by);
    }

    Bytes backup(KeyName name, String by) throws RefusedException, StoreException {
        get(name);
        return store.backup(name, by);
    }

    Changed restore(Bytes backup, String by) throws RefusedException, StoreException {
        return store.restore(backup, by);
    }

    /** Makes the next version of a key, with the time that its rotation policy gives it. */
    Changed rotate(KeyName name, String by) throws RefusedException, StoreException {
        VaultKey key = get(name);
        KeyVersion newest = key.newest();
        WebKeyType type = WebKeyType.of(newest.kty()).orElseThrow(() -> notFound(name));
        Optional<Instant> expires = rotation(key).expires(clock.instant());
        UnaryOperator<KeySettings> settings = old -> new KeySettings(old.enabled(), Optional.empty(), expires, old.exportable(),
                old.operations(), old.tags(), old.releasePolicy());
        try (FreshKey fresh = KeyMaker.make(type, newest.parameter(), random)) {
            return store.rotate(name, version(newest.kty(), fresh, newest.settings()), settings, by);
        }
    }

    RotationRules rotation(VaultKey key) {
        try {
            return key.rotation().length() == 0 ? RotationRules.NONE : RotationRules.parse(key.rotation());
        } catch (MalformedException e) {
            throw new IllegalStateException("a rotation policy that was set cannot be read", e);
        }
    }

    Changed setRotation(KeyName name, RotationRules rules, String by) throws RefusedException, StoreException {
        get(name);
        return store.setRotation(name, rules.toBytes(), by);
    }
}
