package org.innerkeep.attestation.http;

import java.time.Duration;

/**
 * How much of the service anyone may take.
 *
 * @param maxConnections that are open at once; further ones wait to be accepted
 * @param maxAtOnce requests that are worked on at once
 * @param maxWaiting requests that wait for that; more are turned away
 * @param patience how long they wait
 * @param perSecond requests of one address in a second; 0 for no limit
 * @param burst requests of one address at once
 * @param maxHeldBytes of bodies that are being read or worked on
 * @param requestTimeout how long a connection may take from its begin, or from the last answer, to the end of a request's headers; as long
 *     again for its body and the answer
 * @param byConnection whether each connection is taken for an address: where all come from one, as from the
 *     end of TLS in an enclave
 * @param grace how long requests that are under way may take when the service ends
 */
public record HttpLimits(
        int maxConnections,
        int maxAtOnce,
        int maxWaiting,
        Duration patience,
        int perSecond,
        int burst,
        long maxHeldBytes,
        Duration requestTimeout,
        boolean byConnection,
        Duration grace) {
    /** What is sound for a small machine. */
    public static final HttpLimits DEFAULT = new HttpLimits(
            16_384,
            4 * Runtime.getRuntime().availableProcessors(),
            1024,
            Duration.ofSeconds(5),
            0,
            1,
            128L << 20,
            Duration.ofSeconds(30),
            false,
            Duration.ofSeconds(10));

    /**
     * Checks that every limit lets something through.
     *
     * @throws IllegalArgumentException if one does not
     */
    public HttpLimits {
        if (maxConnections < 1 || maxAtOnce < 1 || maxWaiting < 0 || perSecond < 0 || burst < 1 || maxHeldBytes < 1
                || patience.isNegative() || requestTimeout.toMillis() < 1 || grace.isNegative()) {
            throw new IllegalArgumentException("limits: expected numbers above 0, and times");
        }
    }

    /**
     * Limits what an address may ask.
     *
     * @param requests in a second; 0 for no limit
     * @return a changed copy, with twice as many at once
     */
    public HttpLimits withRate(int requests) {
        return new HttpLimits(maxConnections, maxAtOnce, maxWaiting, patience, requests, Math.max(1, 2 * requests), maxHeldBytes,
                requestTimeout, byConnection, grace);
    }

    /**
     * Limits how long senders may take.
     *
     * @param whole of a request
     * @return a changed copy
     */
    public HttpLimits withRequestTimeout(Duration whole) {
        return new HttpLimits(maxConnections, maxAtOnce, maxWaiting, patience, perSecond, burst, maxHeldBytes, whole,
                byConnection, grace);
    }

    /**
     * Limits how many are served at once.
     *
     * @param connections that are open
     * @param atOnce requests that are worked on
     * @param waiting requests that wait for that
     * @return a changed copy
     */
    public HttpLimits withRoom(int connections, int atOnce, int waiting) {
        return new HttpLimits(connections, atOnce, waiting, patience, perSecond, burst, maxHeldBytes, requestTimeout,
                byConnection, grace);
    }

    /** {@return a changed copy, in which each connection is taken for an address} */
    public HttpLimits eachConnection() {
        return new HttpLimits(maxConnections, maxAtOnce, maxWaiting, patience, perSecond, burst, maxHeldBytes, requestTimeout,
                true, grace);
    }
}
