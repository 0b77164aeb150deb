package org.innerkeep.examples.hospitals;

import java.util.List;
import java.util.Optional;

/**
 * What one recipient gets, once opened. The enclave's statement names the SHA-256 of its encoding for each recipient, so that
 * nobody can put other figures around a true model.
 *
 * @param salt 32 random bytes of the enclave, other ones for each recipient: without them, another recipient could find out
 *     figures by trying which ones have the digest that the statement names
 * @param model the model, XGBoost's UBJSON form
 * @param columns the feature names, in the model's order
 * @param trainedOn how many patients the model was trained on
 * @param heldOut how many patients were held out to judge it
 * @param pooled the area under the ROC curve of the model, on the held-out patients of all owners
 * @param own what this recipient learns of its own records; empty if it owns none
 */
public record Result(
        byte[] salt, byte[] model, List<String> columns, int trainedOn, int heldOut, Estimate pooled, Optional<Own> own) {
    /** The number of bytes of a salt. */
    public static final int SALT_BYTES = 32;

    /**
     * What one owner, and nobody else, learns.
     *
     * @param alone the area under the ROC curve of a model of its own records alone, on the same held-out patients
     * @param gain by how much the common model is better, with the interval of the paired difference
     */
    public record Own(Estimate alone, Estimate gain) {}
}
