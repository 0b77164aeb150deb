package org.innerkeep.endorsements;

import java.time.Duration;

/**
 * How much a service may take. Every answer counts: a service, or whoever stands between, may be slow, endless, or both.
 *
 * @param total for one document, from the first attempt to the last byte, waits included
 * @param attempts how often one document is asked for at most, at least 1: again only after status 429 or 503
 * @param longestWait before asking again; a service that wants more is not asked again
 * @param maxBodyBytes of one document
 */
public record Limits(Duration total, int attempts, Duration longestWait, int maxBodyBytes) {
    /** Twenty seconds, three attempts, five seconds between, two megabytes. */
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(20), 3, Duration.ofSeconds(5), 2 << 20);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of bounds
     */
    public Limits {
        if (total.isNegative() || total.isZero() || attempts < 1 || attempts > 10 || longestWait.isNegative() || maxBodyBytes < 1) {
            throw new IllegalArgumentException("limits: expected a time, 1 to 10 attempts, a wait and a size");
        }
    }
}
