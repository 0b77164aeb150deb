package org.innerkeep.attestation.log;

import java.util.List;
import org.innerkeep.evidence.Bytes;

/**
 * The hashes which show that a smaller tree is the beginning of a larger one (RFC 9162 section 2.1.4). Immutable.
 *
 * @param from the size of the smaller tree, at least 0
 * @param to the size of the larger tree, at least {@code from}
 * @param path hashes of 32 bytes, none where the trees are of one size or the smaller is empty
 */
public record ConsistencyProof(long from, long to, List<Bytes> path) {
    /** The most hashes of a proof. */
    static final int MAX_PATH = 108;

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public ConsistencyProof {
        if (from < 0 || to < from || to > LogEntry.MAX_SEQUENCE + 1) {
            throw new IllegalArgumentException("consistency proof: expected 0 <= from <= to <= 2^53, found " + from + " and " + to);
        }
        path = List.copyOf(path);
        if (path.size() > MAX_PATH || path.stream().anyMatch(hash -> hash.length() != 32)) {
            throw new IllegalArgumentException("consistency proof: expected at most " + MAX_PATH + " hashes of 32 bytes");
        }
    }
}
