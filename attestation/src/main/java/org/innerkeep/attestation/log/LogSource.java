package org.innerkeep.attestation.log;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;

/**
 * A log that can be read: a live store, or an export. What it gives is hostile to a {@link LogVerifier}, which is to say whoever keeps
 * it may have rewritten it.
 */
public interface LogSource {
    /** The most leaves that one call gives. */
    int MAX_LEAVES = 1000;

    /**
     * Reads the newest signed head.
     *
     * @return the head, or nothing for a store that never had a log
     * @throws IOException if the log cannot be read; what is read but makes no sense is no reason to throw for the verifier's sake, but
     *     a head whose bytes are no head is one
     */
    Optional<LogHead.Signed> head() throws IOException;

    /**
     * Reads leaves as they are kept.
     *
     * @param from the first wanted, from 0
     * @param most how many at most, 1 to {@link #MAX_LEAVES}
     * @return the leaves from there on, in order, fewer where the log ends; none where it ended before
     * @throws IOException if the log cannot be read
     */
    List<Bytes> leaves(long from, int most) throws IOException;
}
