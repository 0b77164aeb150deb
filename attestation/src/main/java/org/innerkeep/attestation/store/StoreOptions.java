package org.innerkeep.attestation.store;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.innerkeep.attestation.log.HeadFile;
import org.innerkeep.attestation.log.LogKey;

/**
 * How to open a store.
 *
 * @param location where it is
 * @param logKey the key that signs the log; all instances that share a store share it
 * @param clock tells the time of leaves and heads
 * @param keepContents whether contents of decisions (evidence, endorsements, policies) are kept, so that decisions can be replayed;
 *     where not, only their digests are
 * @param maxWaiting how many changes may wait for the disk before further ones are refused as busy; at least 1
 * @param patience how long a change waits for a database that others hold, and a connection for the database; 1 ms to 10 minutes
 * @param keptHead where the newest head is kept apart from the store, if it is
 */
public record StoreOptions(
        StoreLocation location,
        LogKey logKey,
        Clock clock,
        boolean keepContents,
        int maxWaiting,
        Duration patience,
        Optional<KeptHead> keptHead) {
    /**
     * A file with the newest head, and the one head that is given up knowingly.
     *
     * @param file beside the log's key; all the store's own as long as it is open, and closed by whoever opened it
     * @param accepted the kept head that is given up for whatever the store holds, as the refusal names it; or empty for none
     */
    public record KeptHead(HeadFile file, String accepted) {}

    private static final int DEFAULT_WAITING = 4096;
    private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(10);
    private static final Duration MOST_PATIENCE = Duration.ofMinutes(10);

    /**
     * Checks ranges.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public StoreOptions {
        if (maxWaiting < 1) {
            throw new IllegalArgumentException("max waiting: expected at least 1, found " + maxWaiting);
        }
        if (patience.toMillis() < 1 || patience.compareTo(MOST_PATIENCE) > 0) {
            throw new IllegalArgumentException("patience: expected 1 ms to " + MOST_PATIENCE + ", found " + patience);
        }
    }

    /**
     * The defaults: contents are kept, up to 4096 changes wait, each at most 10 seconds for the database.
     *
     * @param location where the store is
     * @param logKey the key that signs the log
     * @return the options
     */
    public static StoreOptions of(StoreLocation location, LogKey logKey) {
        return new StoreOptions(location, logKey, Clock.systemUTC(), true, DEFAULT_WAITING, DEFAULT_PATIENCE, Optional.empty());
    }

    /**
     * Replaces the clock.
     *
     * @param other the clock
     * @return options with it
     */
    public StoreOptions withClock(Clock other) {
        return new StoreOptions(location, logKey, other, keepContents, maxWaiting, patience, keptHead);
    }

    /** {@return options with which only digests of evidence, endorsements and policies are kept} */
    public StoreOptions withoutContents() {
        return new StoreOptions(location, logKey, clock, false, maxWaiting, patience, keptHead);
    }

    /**
     * Replaces the bound of waiting changes.
     *
     * @param most at least 1
     * @return options with it
     */
    public StoreOptions withMaxWaiting(int most) {
        return new StoreOptions(location, logKey, clock, keepContents, most, patience, keptHead);
    }

    /**
     * Replaces the patience.
     *
     * @param longest how long to wait
     * @return options with it
     */
    public StoreOptions withPatience(Duration longest) {
        return new StoreOptions(location, logKey, clock, keepContents, maxWaiting, longest, keptHead);
    }

    /**
     * Keeps the newest head in a file, and looks at it when the store is opened.
     *
     * @param file the file
     * @param accepted the head in the file that is given up for whatever the store holds, as the refusal names it; empty for none
     * @return options with it
     */
    public StoreOptions withHeadFile(HeadFile file, String accepted) {
        return new StoreOptions(
                location, logKey, clock, keepContents, maxWaiting, patience, Optional.of(new KeptHead(file, accepted)));
    }
}
