package org.innerkeep.vault.key;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;

/**
 * The vault's clock, which must not go back: grants and tokens that are over would hold again, and challenges that were answered and
 * forgotten could be answered once more. What was seen is kept in memory, and across a restart as the time of the log's newest
 * head.
 *
 * <p>Safe for use by several threads.
 */
public final class ClockWatch {
    /**
     * How far it may go back, as clocks do that are being corrected. Less than the time for which answered challenges are remembered
     * after their end.
     */
    public static final Duration TOLERANCE = Duration.ofMinutes(1);

    private final InstantSource clock;
    private final AtomicReference<Instant> latest;

    /**
     * Watches a clock.
     *
     * @param clock of this machine
     * @param notBefore when something was logged last, before this start
     */
    public ClockWatch(InstantSource clock, Instant notBefore) {
        this.clock = clock;
        this.latest = new AtomicReference<>(notBefore);
    }

    /**
     * Tells the time.
     *
     * @return the time
     * @throws RefusedException if it is more than {@link #TOLERANCE} before one that was told before
     */
    public Instant now() throws RefusedException {
        Instant now = clock.instant();
        Instant seen = latest.accumulateAndGet(now, (one, other) -> one.isAfter(other) ? one : other);
        if (now.plus(TOLERANCE).isBefore(seen)) {
            throw new RefusedException(Code.UNAVAILABLE, "clock: the vault's was at " + seen + " and is back at " + now
                    + "; nothing is released until it has passed that time. If it is right now and was wrong before, change some"
                    + " key, so that the log says the time that it is, and start the vault again.");
        }
        return now;
    }
}
