package org.innerkeep.attestation.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private final AtomicLong nanos = new AtomicLong();
    private final RateLimit limit = new RateLimit(1, 2, nanos::get);

    @Test
    void anAddressMayAskSoOftenAndAgainAfterAWhile() {
        assertThat(limit.admit("192.0.2.1")).isTrue();
        assertThat(limit.admit("192.0.2.1")).isTrue();
        assertThat(limit.admit("192.0.2.1")).isFalse();
        assertThat(limit.admit("192.0.2.2")).isTrue();
        nanos.addAndGet(1_000_000_000L);
        assertThat(limit.admit("192.0.2.1")).isTrue();
    }

    @Test
    void addressesOfOneNetworkOfIpv6AreOne() {
        assertThat(limit.admit("2001:db8:0:1:0:0:0:1")).isTrue();
        assertThat(limit.admit("2001:db8:0:1:0:0:0:2")).isTrue();
        assertThat(limit.admit("2001:db8:0:1:ffff:0:0:3")).isFalse();
        assertThat(limit.admit("2001:db8:0:2:0:0:0:1")).isTrue();
    }
}
