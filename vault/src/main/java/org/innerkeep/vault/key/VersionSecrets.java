package org.innerkeep.vault.key;

import java.time.Instant;
import java.util.Arrays;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The secrets of versions, wrapped under the master key: AES-256-GCM, with all that a version is, and its key's name, as
 * additional data, so that no wrapped secret can be passed off as another. Safe for use by several threads.
 */
final class VersionSecrets {
    private final WrappingKey master;

    VersionSecrets(WrappingKey master) {
        this.master = master;
    }

    /**
     * A fresh version with its secret wrapped.
     *
     * @param id of the version
     * @param in the vault's life
     */
    KeyVersion wrapped(KeyName name, String id, NewVersion version, KeySettings settings, long in, Instant now) {
        KeyVersion bare = new KeyVersion(
                id, version.type(), version.kty(), version.parameter(), version.publicKey(), Bytes.EMPTY, in, settings, now, now);
        return wrapped(name, bare, version.secret(), in);
    }

    /** A version with a secret wrapped for a life of the vault. */
    KeyVersion wrapped(KeyName name, KeyVersion bare, KeySecret secret, long in) {
        byte[] bytes = secret.expose();
        try {
            return bare.wrapped(master.wrap(label(name, bare), bytes), in);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    KeySecret open(KeyName name, KeyVersion version) throws RefusedException {
        try {
            return KeySecret.owning(master.unwrap(label(name, version), version.wrapped()));
        } catch (MalformedException e) {
            throw new RefusedException(Code.UNAVAILABLE, "key '" + name + "' version " + version.id()
                    + ": its secret cannot be unwrapped; the store was changed, or another master key belongs to it.");
        }
    }

    /** All of a version but its settings. No part has a bar in it. */
    private static String label(KeyName name, KeyVersion version) {
        return String.join("|", "innerkeep vault key v1", name.text(), version.id(), Integer.toString(version.type().number()),
                version.kty(), version.parameter(), Long.toString(version.epoch()),
                Bytes.sha256(version.publicKey().toArray()).hex());
    }
}
