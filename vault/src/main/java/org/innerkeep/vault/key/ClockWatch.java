package org.innerkeep.vault.key;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;

/**
 * The vault's clock, which must not go back: grants and tokens that are over would hold again, and challenges that were answered and
 * forgotten could be answered once more. What was seen is kept in memory only, so that a clock that was wrong and is put right needs no
 * more than a restart.
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
    private final AtomicReference<Instant> latest = new AtomicReference<>(Instant.MIN);

    /**
     * Watches a clock.
     *
     * @param clock of this machine
     */
    public ClockWatch(InstantSource clock) {
        this.clock = clock;
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
        if (now.isBefore(seen.minus(TOLERANCE))) {
            throw new RefusedException(Code.UNAVAILABLE, "clock: the vault's was at " + seen + " and is back at " + now
                    + "; nothing is released until it has passed that time, or the vault was started again with a clock that is right.");
        }
        return now;
    }
}
