package org.innerkeep.attestation.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Which connections are cut. */
class ConnectionWatchTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static ServerSocketChannel listener() throws Exception {
        return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** Two connections to two listeners may come from one address. */
    private static SocketChannel connect(ServerSocketChannel to, SocketAddress from) throws Exception {
        SocketChannel client = SocketChannel.open();
        client.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        client.bind(from);
        client.connect(to.getLocalAddress());
        return client;
    }

    private static boolean isCut(SocketChannel channel, Duration within) throws Exception {
        long until = System.nanoTime() + within.toNanos();
        while (channel.isOpen() && System.nanoTime() < until) {
            Thread.sleep(10);
        }
        return !channel.isOpen();
    }

    @Test
    void theAnswerOnAConnectionThatEndedIsNotTakenForThatOnALaterOneOfTheSameAddress() throws Exception {
        try (ServerSocketChannel one = listener();
                ServerSocketChannel other = listener();
                SocketChannel first = connect(one, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel earlier = one.accept();
                SocketChannel second = connect(other, first.getLocalAddress());
                SocketChannel later = other.accept();
                ConnectionWatch watch = new ConnectionWatch(PATIENCE)) {
            assertThat(later.getRemoteAddress()).isEqualTo(earlier.getRemoteAddress()).isEqualTo(second.getLocalAddress());
            watch.accepted(earlier);
            ConnectionWatch.Watched ended = watch.begun(earlier.getRemoteAddress()).orElseThrow();
            watch.accepted(later);
            ConnectionWatch.Watched underWay = watch.begun(later.getRemoteAddress()).orElseThrow();

            ConnectionWatch.answered(ended);
            watch.drain();
            assertThat(isCut(later, Duration.ofMillis(600))).isFalse();

            ConnectionWatch.answered(underWay);
            assertThat(isCut(later, Duration.ofSeconds(10))).isTrue();
        }
    }
}
