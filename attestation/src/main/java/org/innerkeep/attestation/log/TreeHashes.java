package org.innerkeep.attestation.log;

import java.io.IOException;
import org.innerkeep.evidence.Bytes;

/** Where the hashes of whole subtrees are read from. */
@FunctionalInterface
public interface TreeHashes {
    /**
     * Reads the hash of one whole subtree.
     *
     * @param level its height, 0 for a leaf: it covers {@code 2^level} leaves
     * @param position how many subtrees of this height stand to its left
     * @return its hash, 32 bytes
     * @throws IOException if it cannot be read or is not there
     */
    Bytes hash(int level, long position) throws IOException;
}
