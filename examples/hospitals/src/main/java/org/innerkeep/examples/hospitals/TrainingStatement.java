package org.innerkeep.examples.hospitals;

import java.util.List;

/**
 * What the enclave states about a training, the content of a signed statement.
 *
 * @param jobDigest SHA-256 of the job file, 32 bytes
 * @param owners every owner that released, in the job's order
 * @param modelDigest SHA-256 of the model, 32 bytes
 * @param records how many records it was trained on
 * @param heldOut how many records were held out to judge it
 * @param results what every recipient got, in the job's order
 */
public record TrainingStatement(
        byte[] jobDigest, List<OwnerPart> owners, byte[] modelDigest, int records, int heldOut, List<ResultPart> results) {
    /** The purpose of the signed statement. */
    public static final String PURPOSE = "innerkeep hospitals result v1";

    /**
     * One owner's part.
     *
     * @param name the owner's name in the job
     * @param key the owner's public key, SubjectPublicKeyInfo
     * @param nonce the nonce of the owner's release, 32 bytes
     * @param inputDigest SHA-256 of the owner's sealed file, 32 bytes
     * @param records how many records the file held
     */
    public record OwnerPart(String name, byte[] key, byte[] nonce, byte[] inputDigest, int records) {}

    /**
     * What one recipient got.
     *
     * @param recipient the recipient's name in the job
     * @param resultDigest SHA-256 of the encoded {@link Result}, 32 bytes; tells nothing to who has not the result
     */
    public record ResultPart(String recipient, byte[] resultDigest) {}
}
