package org.innerkeep.vault.release;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.innerkeep.evidence.Bytes;

/**
 * The challenges that were answered here, for as long as they would be taken. The database has them for all instances; this is
 * for whoever deletes them there, so that the same request is not answered again. Each needed evidence that was proven, and is
 * kept for minutes, so there are no more than releases in that time. Safe for use by several threads.
 */
final class Answered {
    private static final int SWEPT_AFTER_SECONDS = 10;

    private final Map<Bytes, Instant> until = new ConcurrentHashMap<>();
    private final AtomicReference<Instant> sweep = new AtomicReference<>(Instant.MIN);

    /**
     * Takes a challenge for whoever answers it now.
     *
     * @param nonce of the challenge
     * @param end how long it must be remembered
     * @param now the time
     * @return whether nobody had it before
     */
    boolean take(Bytes nonce, Instant end, Instant now) {
        Instant due = sweep.get();
        if (!now.isBefore(due) && sweep.compareAndSet(due, now.plusSeconds(SWEPT_AFTER_SECONDS))) {
            until.values().removeIf(each -> each.isBefore(now));
        }
        return until.putIfAbsent(nonce, end) == null;
    }

    /** Gives one back of which nothing came: the database failed. */
    void giveBack(Bytes nonce) {
        until.remove(nonce);
    }

    int size() {
        return until.size();
    }
}
