package org.innerkeep.vault.grant;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A grant that was given.
 *
 * @param grant what it says
 * @param at when it was given, in milliseconds
 * @param by who gave it
 * @param revoked when and by whom it was taken back
 */
public record Granted(Grant grant, Instant at, String by, Optional<Revoked> revoked) {
    /**
     * That it was taken back.
     *
     * @param at when, in milliseconds
     * @param by who did it
     */
    public record Revoked(Instant at, String by) {
        /** Cuts the time. */
        public Revoked {
            at = at.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    /** Cuts the time. */
    public Granted {
        at = at.truncatedTo(ChronoUnit.MILLIS);
    }
}
