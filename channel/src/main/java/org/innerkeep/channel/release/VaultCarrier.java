package org.innerkeep.channel.release;

import java.io.InputStream;
import org.innerkeep.channel.call.HostVisible;

/**
 * What a host does for its enclaves that need a vault: carries requests to it, and supplies sealed files. All of it is public, or
 * encrypted and signed, or ciphertext; {@link PendingRelease} finds out what was changed on the way.
 *
 * <p>Neither side trusts the other: an enclave takes what comes from here for hostile, and a host carries only to where its
 * operator said, and gives only files that its operator named a folder of.
 */
@HostVisible
public interface VaultCarrier {
    /**
     * Asks a vault for a challenge.
     *
     * @param vault its address: {@link VaultLocation#address}
     * @return what the vault answered
     * @throws NotCarriedException if there is no answer
     */
    Answer challenge(String vault) throws NotCarriedException;

    /**
     * Asks a vault for the key of a file.
     *
     * @param vault its address
     * @param key the name of the key in the vault
     * @param call an encoded {@link ReleaseCall}
     * @return what the vault answered
     * @throws NotCarriedException if there is no answer
     */
    Answer release(String vault, String key, byte[] call) throws NotCarriedException;

    /**
     * Asks a vault's register of stored values.
     *
     * @param vault its address
     * @param key the name of the key in the vault
     * @param call an encoded {@link RegisterCall}
     * @return what the vault answered
     * @throws NotCarriedException if there is no answer
     */
    Answer register(String vault, String key, byte[] call) throws NotCarriedException;

    /**
     * Supplies a sealed file.
     *
     * @param name 1 to 255 letters, digits, dots, hyphens and underscores, not beginning with a dot
     * @return its bytes
     * @throws NotCarriedException if there is none
     */
    InputStream file(String name) throws NotCarriedException;

    /**
     * What a vault answered.
     *
     * @param status of HTTP
     * @param body at most {@link VaultRefusal#MAX_BYTES}
     */
    record Answer(int status, byte[] body) {}
}
