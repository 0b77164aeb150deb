package org.innerkeep.vault.release;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The last requests of which nothing was proven, for owners who wonder why their enclave gets nothing. In memory only, and few: whoever can
 * connect can make them, so they are no record of anything. Safe for use by several threads.
 */
final class Attempts {
    private static final int MOST = 32;
    private static final int MOST_REASONS = 16;

    private final Deque<Attempt> last = new ArrayDeque<>();

    /**
     * One that failed.
     *
     * @param time when
     * @param key the name that was asked for; not proven to be that of a key
     * @param reasons why it was refused
     */
    record Attempt(Instant time, String key, List<String> reasons) {
        Attempt {
            reasons = reasons.stream().limit(MOST_REASONS).map(ReleaseRecord::cut).toList();
        }
    }

    synchronized void add(Attempt attempt) {
        if (last.size() == MOST) {
            last.removeFirst();
        }
        last.addLast(attempt);
    }

    /** The newest first. */
    synchronized List<Attempt> of(String key) {
        return last.reversed().stream().filter(each -> each.key().equals(key)).toList();
    }
}
