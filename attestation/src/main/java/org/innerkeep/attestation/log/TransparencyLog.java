package org.innerkeep.attestation.log;

import java.io.IOException;
import java.util.Optional;

/** The live log of a store: what it has, with proofs. Every method reads in O(log n). Safe for use by several threads. */
public interface TransparencyLog extends LogSource {
    /** {@return the public key of the log} */
    LogAnchor anchor();

    /**
     * Makes a receipt under the newest head.
     *
     * @param sequence a leaf
     * @return the receipt, or nothing where the log has no such leaf yet
     * @throws IOException if the log cannot be read
     */
    Optional<Receipt> receipt(long sequence) throws IOException;

    /**
     * Shows that the log of one size is the beginning of the log of another.
     *
     * @param from the smaller size, at least 0
     * @param to the larger size, at least {@code from} and at most the newest head's
     * @return the proof
     * @throws IllegalArgumentException if the sizes are out of range
     * @throws IOException if the log cannot be read
     */
    ConsistencyProof consistency(long from, long to) throws IOException;
}
