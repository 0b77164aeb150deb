package org.innerkeep.vault.key;

import org.innerkeep.evidence.Bytes;

/**
 * A version to be made.
 *
 * @param type what it is
 * @param kty what clients call it
 * @param parameter its size or curve
 * @param publicKey as {@link KeyType} has it
 * @param secret as {@link KeyType} has it; stays the caller's to close
 * @param settings what may be changed later
 */
public record NewVersion(KeyType type, String kty, String parameter, Bytes publicKey, KeySecret secret, KeySettings settings) {
    /**
     * Checks what can be checked.
     *
     * @throws IllegalArgumentException if something is wrong
     */
    public NewVersion {
        KeyVersion.checkWord("kty", kty);
        KeyVersion.checkWord("parameter", parameter);
        if (publicKey.length() > KeyVersion.MAX_PUBLIC_BYTES) {
            throw new IllegalArgumentException("public key: expected at most " + KeyVersion.MAX_PUBLIC_BYTES + " bytes");
        }
    }
}
