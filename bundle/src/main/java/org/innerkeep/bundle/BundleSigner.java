package org.innerkeep.bundle;

import java.security.GeneralSecurityException;

/**
 * Something that signs bundles: a {@link SigningKey} in memory, or a key in a hardware security module.
 *
 * <p>Implementations must be safe for use by several threads.
 */
public interface BundleSigner {
    /** {@return the public key that verifies what {@link #sign} makes} */
    SignerKey publicKey();

    /**
     * Signs.
     *
     * @param toBeSigned the bytes of {@link Packer#toBeSigned}, not yet hashed, up to 1 MiB
     * @return 64 bytes: an Ed25519 signature (RFC 8032), or r and s of an ECDSA P-256 signature with SHA-256, 32 bytes each,
     *     big-endian (IEEE P1363)
     * @throws GeneralSecurityException if the key cannot be used
     */
    byte[] sign(byte[] toBeSigned) throws GeneralSecurityException;
}
