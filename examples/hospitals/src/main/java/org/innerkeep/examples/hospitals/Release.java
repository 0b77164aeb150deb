package org.innerkeep.examples.hospitals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * One owner's consent. The file key is secret. It crosses inside an attested session and, because a session that is recorded
 * today may be opened by a later quantum computer, sealed once more to the enclave's own hybrid recipient.
 *
 * @param owner the owner's name in the job
 * @param nonce 32 random bytes that the statement about the result repeats
 * @param sealedKey the sealed file's key, made by {@link #sealKey}
 * @param inputDigest SHA-256 of the sealed file, 32 bytes
 * @param inputBytes how long the sealed file is
 * @param signature by the owner's key in the job, over {@link #toBeSigned}
 */
public record Release(
        String owner, byte[] nonce, byte[] sealedKey, byte[] inputDigest, long inputBytes, byte[] signature) {
    /** The number of bytes of a nonce. */
    public static final int NONCE_BYTES = 32;

    private static final String LABEL = "innerkeep hospitals release v2";

    /**
     * What an owner signs: the job, the session and the file, so that a release counts in one session for one job only.
     *
     * @param jobDigest SHA-256 of the job file
     * @param binding what only the two ends of the session know
     * @return a deterministic CBOR array
     */
    public byte[] toBeSigned(Bytes jobDigest, byte[] binding) {
        return new CborWriter()
                .array(8)
                .text(LABEL)
                .bytes(jobDigest.toArray())
                .bytes(binding)
                .text(owner)
                .bytes(nonce)
                .bytes(inputDigest)
                .integer(inputBytes)
                .bytes(Bytes.sha256(sealedKey).toArray())
                .toByteArray();
    }

    /**
     * Seals a file key to one enclave.
     *
     * @param key the key of the owner's sealed file
     * @param enclave what {@link Training#recipient} gave in the same attested session
     * @param random where keys and nonces come from
     * @return an age file whose plaintext is the key's 16 bytes
     * @throws IllegalArgumentException if the recipient is not hybrid: this program's enclave has no other
     */
    public static byte[] sealKey(FileKey key, Recipient enclave, SecureRandom random) {
        if (enclave.kind() != KeyKind.HYBRID) {
            throw new IllegalArgumentException("the enclave's recipient is classic: a recorded session would not stay closed");
        }
        byte[] secret = key.exposeSecretBytes();
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try {
            SealedFile.seal(new ByteArrayInputStream(secret), sealed, List.of(enclave), random);
            return sealed.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be read and written", e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /**
     * Opens the file key.
     *
     * @throws SealedFileException if it is not sealed to this enclave, or is no key
     */
    FileKey fileKey(Identity enclave) throws SealedFileException {
        byte[] secret = {};
        try (InputStream in = SealedFile.unseal(new ByteArrayInputStream(sealedKey), List.of(enclave))) {
            secret = in.readNBytes(FileKey.LENGTH + 1);
            if (secret.length != FileKey.LENGTH) {
                throw new SealedFileException(
                        Code.PAYLOAD_MODIFIED, "what is sealed is no file key: it does not have " + FileKey.LENGTH + " bytes");
            }
            return FileKey.fromSecretBytes(secret);
        } catch (SealedFileException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be read", e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /**
     * The same release with its signature.
     *
     * @param made the owner's signature
     * @return a signed release
     */
    public Release signed(byte[] made) {
        return new Release(owner, nonce, sealedKey, inputDigest, inputBytes, made);
    }
}
