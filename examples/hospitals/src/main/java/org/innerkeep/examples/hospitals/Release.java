package org.innerkeep.examples.hospitals;

import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * One owner's consent. The file key is secret and crosses only inside an attested session.
 *
 * @param owner the owner's name in the job
 * @param nonce 32 random bytes that the statement about the result repeats
 * @param fileKey the sealed file's key, 16 bytes
 * @param inputDigest SHA-256 of the sealed file, 32 bytes
 * @param inputBytes how long the sealed file is
 * @param signature by the owner's key in the job, over {@link #toBeSigned}
 */
public record Release(
        String owner, byte[] nonce, byte[] fileKey, byte[] inputDigest, long inputBytes, byte[] signature) {
    /** The number of bytes of a nonce. */
    public static final int NONCE_BYTES = 32;

    private static final String LABEL = "innerkeep hospitals release v1";

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
                .bytes(Bytes.sha256(fileKey).toArray())
                .toByteArray();
    }

    /**
     * The same release with its signature.
     *
     * @param made the owner's signature
     * @return a signed release
     */
    public Release signed(byte[] made) {
        return new Release(owner, nonce, fileKey, inputDigest, inputBytes, made);
    }
}
