package org.innerkeep.attestation.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How many requests one address, of IPv6 one network of 64 bits, may make: a bucket that fills steadily and is emptied by one for each request. Addresses that were not
 * seen for longest are forgotten first, which only ever favours them.
 *
 * <p>Safe for use by several threads.
 */
final class RateLimit {
    private static final int MAX_ADDRESSES = 16_384;
    private static final double NANOS = Duration.ofSeconds(1).toNanos();

    private final double perSecond;
    private final double burst;
    private final boolean byConnection;
    private final LongSupplier nanos;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    private static final class Bucket {
        private double tokens;
        private long at;

        Bucket(double tokens, long at) {
            this.tokens = tokens;
            this.at = at;
        }
    }

    /**
     * A limit.
     *
     * @param perSecond how many requests a second; 0 for no limit
     * @param burst how many at once
     * @param byConnection whether each connection is taken for an address
     * @param nanos a clock that only goes forward
     */
    RateLimit(int perSecond, int burst, boolean byConnection, LongSupplier nanos) {
        this.byConnection = byConnection;
        this.perSecond = perSecond;
        this.burst = burst;
        this.nanos = nanos;
    }

    /** Whoever has an IPv6 address has 2^64 of them: their network counts as one. Java writes all eight groups. */
    private static String network(String address) {
        String[] groups = address.split(":", -1);
        return groups.length == 8 ? String.join(":", groups[0], groups[1], groups[2], groups[3]) : address;
    }

    /**
     * Takes one.
     *
     * @param request whose
     * @return whether there was one left
     */
    boolean admit(Incoming request) {
        return admit(byConnection ? request.remoteConnection() : request.remoteAddress());
    }

    /**
     * Takes one.
     *
     * @param address whose request it is
     * @return whether there was one left
     */
    boolean admit(String address) {
        if (perSecond == 0) {
            return true;
        }
        synchronized (buckets) {
            long now = nanos.getAsLong();
            Bucket bucket = buckets.computeIfAbsent(network(address), unknown -> new Bucket(burst, now));
            bucket.tokens = Math.min(burst, bucket.tokens + perSecond * (now - bucket.at) / NANOS);
            bucket.at = now;
            if (bucket.tokens < 1) {
                return false;
            }
            bucket.tokens -= 1;
            return true;
        }
    }
}
