package org.innerkeep.vault.key;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.vault.grant.Granted;

/**
 * A key with all its versions and grants. Immutable, safe for use by several threads.
 *
 * @param name its name
 * @param state whether it is there
 * @param versions the oldest first; 1 to {@link #MAX_VERSIONS}
 * @param grants in the order in which they were given, revoked ones too; at most {@link #MAX_GRANTS}
 * @param rotation how it is to be rotated, in the owner's form; at most {@link #MAX_ROTATION_BYTES}, empty for none
 */
public record VaultKey(KeyName name, KeyState state, List<KeyVersion> versions, List<Granted> grants, Bytes rotation) {
    /** The most versions of a key. */
    public static final int MAX_VERSIONS = 64;

    /** The most grants of a key, revoked ones too. */
    public static final int MAX_GRANTS = 256;

    /** The most bytes of a rotation policy. */
    public static final int MAX_ROTATION_BYTES = 4096;

    /**
     * Checks counts.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public VaultKey {
        versions = List.copyOf(versions);
        grants = List.copyOf(grants);
        if (versions.isEmpty() || versions.size() > MAX_VERSIONS) {
            throw new IllegalArgumentException("key " + name + ": expected 1 to " + MAX_VERSIONS + " versions");
        }
        if (grants.size() > MAX_GRANTS) {
            throw new IllegalArgumentException("key " + name + ": expected at most " + MAX_GRANTS + " grants, revoked ones too");
        }
        if (versions.stream().map(KeyVersion::id).distinct().count() != versions.size()
                || grants.stream().map(each -> each.grant().id()).distinct().count() != grants.size()) {
            throw new IllegalArgumentException("key " + name + ": two versions or two grants have one id");
        }
        if (rotation.length() > MAX_ROTATION_BYTES) {
            throw new IllegalArgumentException("rotation policy: expected at most " + MAX_ROTATION_BYTES + " bytes");
        }
    }

    /** {@return the version that was made last} */
    public KeyVersion newest() {
        return versions.getLast();
    }

    /**
     * Finds a version.
     *
     * @param id its id
     * @return the version
     */
    public Optional<KeyVersion> version(String id) {
        return versions.stream().filter(each -> each.id().equals(id)).findFirst();
    }

    /** {@return whether it is neither deleted nor purged} */
    public boolean active() {
        return state instanceof KeyState.Active;
    }

    VaultKey state(KeyState other) {
        return new VaultKey(name, other, versions, grants, rotation);
    }

    VaultKey versions(List<KeyVersion> others) {
        return new VaultKey(name, state, others, grants, rotation);
    }

    VaultKey with(KeyVersion version) {
        List<KeyVersion> all = new ArrayList<>();
        versions.forEach(each -> all.add(each.id().equals(version.id()) ? version : each));
        if (all.stream().noneMatch(each -> each.id().equals(version.id()))) {
            all.add(version);
        }
        return versions(all);
    }

    VaultKey grants(List<Granted> others) {
        return new VaultKey(name, state, versions, others, rotation);
    }

    VaultKey rotation(Bytes other) {
        return new VaultKey(name, state, versions, grants, other);
    }
}
