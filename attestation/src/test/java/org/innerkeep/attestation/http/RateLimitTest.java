package org.innerkeep.attestation.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private final AtomicLong nanos = new AtomicLong();
    private final RateLimit limit = new RateLimit(1, 2, false, nanos::get);

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

    @Test
    void whereAllComeFromOneAddressEachConnectionHasItsOwn() {
        RateLimit each = new RateLimit(1, 1, true, nanos::get);
        assertThat(each.admit(new From("127.0.0.1", 1000))).isTrue();
        assertThat(each.admit(new From("127.0.0.1", 1000))).isFalse();
        assertThat(each.admit(new From("127.0.0.1", 1001))).isTrue();
        RateLimit all = new RateLimit(1, 1, false, nanos::get);
        assertThat(all.admit(new From("127.0.0.1", 1000))).isTrue();
        assertThat(all.admit(new From("127.0.0.1", 1001))).isFalse();
    }

    private record From(String remoteAddress, int port) implements Incoming {
        @Override
        public String remoteConnection() {
            return remoteAddress + " " + port;
        }

        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String path() {
            return "/";
        }

        @Override
        public Optional<String> query(String name) {
            return Optional.empty();
        }

        @Override
        public Optional<String> header(String name) {
            return Optional.empty();
        }

        @Override
        public OptionalLong contentLength() {
            return OptionalLong.empty();
        }

        @Override
        public InputStream body() {
            return InputStream.nullInputStream();
        }
    }
}
