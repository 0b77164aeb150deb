package org.innerkeep.enclave;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.evidence.Bytes;

/**
 * A data owner's vault, as an enclave sees it. For each file the enclave shows the vault fresh evidence of what it is; the vault
 * gives it the key of that file if the owner has granted that. The host carries the messages and supplies the ciphertext.
 *
 * <p>Guarantee: plaintext comes only from a file whose key the pinned vault released for this very request of this enclave, and
 * only while the lease of that release lasts. The host can hold everything back, and it chooses <em>which</em> of the files that
 * are sealed to a key it gives: anybody can seal a file to a key, for its recipient is public. Where it matters which file is
 * read, say so by its header's digest ({@link #open(String, String, Bytes)}), from the measured code or from a job that its owner
 * agreed to.
 *
 * <p>What fails on the way is tried again with a new challenge and a new transport key, with growing pauses, until {@link
 * #within} is over; a refusal of the vault, and an answer that is not of the pinned vault, are not tried again. Each release
 * counts among the uses of a grant, also one whose answer was lost, and so does each renewal.
 *
 * <p>Immutable, safe for use by several threads.
 */
public interface Vault {
    /** How long one release may take in all unless {@link #within} says otherwise. */
    Duration DEFAULT_LIMIT = Duration.ofMinutes(1);

    /** {@return address and key of the vault} */
    VaultLocation location();

    /**
     * The same vault, asked for the sake of a job. What a grant says of jobs, the vault compares with this; that the program runs
     * that job and no other is for its measured code to see to.
     *
     * @param digest of the job, 32 bytes
     * @return a changed copy
     * @throws IllegalArgumentException if it has another length
     */
    Vault forJob(Bytes digest);

    /**
     * The same vault, with another limit for each release, tries and pauses included.
     *
     * @param limit 1 millisecond to 1 hour
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of these bounds
     */
    Vault within(Duration limit);

    /**
     * Opens the host's file {@code NAME.age}, which is sealed to the key of the same name.
     *
     * @param name of the key, 1 to 127 lower-case letters, digits and hyphens
     * @return the plaintext, to be closed
     * @throws VaultException if the host does not carry, the vault refuses, or what came is not of the vault
     * @throws IOException if the platform gives no evidence, or the file is no sealed file
     */
    default VaultStream open(String name) throws IOException {
        return open(name, name + ".age");
    }

    /**
     * Opens a file of the host's. Whichever file that is sealed to the key the host gives under this name is opened.
     *
     * @param key the name of the key in the vault
     * @param file the name of the file, as the host's operator has it
     * @return the plaintext, to be closed
     * @throws VaultException if the host does not carry, the vault refuses, or what came is not of the vault
     * @throws IOException if the platform gives no evidence, or the file is no sealed file
     */
    VaultStream open(String key, String file) throws IOException;

    /**
     * Opens exactly one file.
     *
     * @param key the name of the key in the vault
     * @param file the name of the file, as the host's operator has it
     * @param header SHA-256 of the file's header, 32 bytes, as {@code innerkeep seal} shows it; it decides about the whole file,
     *     which nobody changes without the file key
     * @return the plaintext, to be closed
     * @throws VaultException if the host gives another file; then the vault is not asked. And as above
     * @throws IOException if the platform gives no evidence, or the file is no sealed file
     */
    VaultStream open(String key, String file, Bytes header) throws IOException;

    /**
     * Opens a sealed file that came in another way, such as from a client.
     *
     * @param key the name of the key in the vault
     * @param sealed the sealed file in binary form, closed with the returned stream, or if this fails
     * @return the plaintext, to be closed
     * @throws VaultException if the host does not carry, the vault refuses, or what came is not of the vault
     * @throws IOException if the platform gives no evidence, or the file is no sealed file
     */
    VaultStream open(String key, InputStream sealed) throws IOException;

    /**
     * Obtains the key of a file and keeps it, for a program that reads the file more than once, or that keeps what it read only
     * as long as its grant lasts.
     *
     * @param key the name of the key in the vault
     * @param header of the sealed file: {@link org.innerkeep.channel.file.SealedFile#header}
     * @return the key, to be closed
     * @throws VaultException if the host does not carry, the vault refuses, or what came is not of the vault
     * @throws IOException if the platform gives no evidence
     */
    HeldKey hold(String key, Bytes header) throws IOException;
}
