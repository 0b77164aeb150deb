package org.innerkeep.endorsements;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;

/**
 * Keeps every document that another source answered with, to be archived beside the evidence: a decision that was made with them can
 * then be made again without a network, years later. Bounded as {@link EndorsementPool} is.
 *
 * <p>Safe for use by several threads.
 */
public final class Recording implements Endorsements {
    private final Endorsements source;
    private final Set<Bytes> documents = new LinkedHashSet<>();
    private long bytes;
    private boolean complete = true;

    /**
     * Begins with nothing.
     *
     * @param source what is asked
     */
    public Recording(Endorsements source) {
        this.source = source;
    }

    @Override
    public Answer find(Need need) {
        Answer answer = source.find(need);
        synchronized (documents) {
            for (Bytes each : answer.documents()) {
                if (documents.contains(each)) {
                    continue;
                }
                if (documents.size() >= EndorsementPool.MAX_DOCUMENTS || bytes + each.length() > EndorsementPool.MAX_BYTES) {
                    complete = false;
                } else {
                    documents.add(each);
                    bytes += each.length();
                }
            }
        }
        return answer;
    }

    /** {@return whether everything that was answered is kept; not where there was more than a pool can hold} */
    public boolean complete() {
        synchronized (documents) {
            return complete;
        }
    }

    /** {@return what was kept so far, in the order in which it was answered} */
    public List<Bytes> documents() {
        synchronized (documents) {
            return List.copyOf(documents);
        }
    }

    /**
     * What was kept so far. Documents of a kind that no verifier takes are left out.
     *
     * @return a pool, to be written with {@link EndorsementPool#toByteArray}
     * @throws MalformedException if what a source gave as PEM is none
     */
    public EndorsementPool pool() throws MalformedException {
        synchronized (documents) {
            return EndorsementPool.of(documents);
        }
    }
}
