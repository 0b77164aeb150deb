package org.innerkeep.channel.release;

import org.innerkeep.evidence.Bytes;

/** What an enclave asks of a vault, over a challenge of it. Evidence over {@link #reportData} makes it the enclave's own, all of it. */
public sealed interface VaultRequest permits ReleaseRequest, RegisterRequest {
    /** {@return the nonce of the vault's challenge, 32 bytes} */
    Bytes nonce();

    /** {@return the id of the vault that the enclave trusts, 32 bytes} */
    Bytes vault();

    /** {@return the name of the key in the vault, 1 to 127 lower-case letters, digits and hyphens} */
    String key();

    /** {@return the encoded form} */
    byte[] toByteArray();

    /** {@return the report data that evidence must have, 64 bytes, a new array} */
    byte[] reportData();

    /** {@return SHA-256 of the encoded form, by which responses and the log name the request} */
    default Bytes digest() {
        return Bytes.sha256(toByteArray());
    }
}
