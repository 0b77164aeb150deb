package org.innerkeep.attestation.http;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Cuts connections on which nothing gets on: no request for a time since the connection began or the last answer, however the time is
 * spent: with a handshake that never ends, with a header a byte at a time, or with nothing. The HTTP server itself looks only at
 * connections whose protocol it has recognised.
 *
 * <p>Safe for use by several threads.
 */
final class ConnectionWatch implements AutoCloseable {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final Map<SocketAddress, Watched> connections = new ConcurrentHashMap<>();
    private final long patienceNanos;
    private final Thread sweeper;

    private static final class Watched {
        private final SocketChannel channel;
        private volatile long since;

        Watched(SocketChannel channel) {
            this.channel = channel;
            this.since = System.nanoTime();
        }
    }

    /**
     * Begins to watch.
     *
     * @param patience from one sign of progress to the next
     */
    ConnectionWatch(Duration patience) {
        this.patienceNanos = patience.toNanos();
        Duration tenth = patience.dividedBy(10);
        Duration pause = tenth.compareTo(LONGEST_PAUSE) < 0 ? tenth : LONGEST_PAUSE;
        this.sweeper = Thread.ofPlatform().daemon().name("connection-watch").start(() -> sweepAll(pause));
    }

    /** A connection begins. */
    void accepted(SocketChannel channel) {
        try {
            connections.put(channel.getRemoteAddress(), new Watched(channel));
        } catch (IOException e) {
            // It is closed already.
        }
    }

    /** A request was understood, or an answer was sent. */
    void progress(SocketAddress peer) {
        Watched watched = connections.get(peer);
        if (watched != null) {
            watched.since = System.nanoTime();
        }
    }

    private void sweepAll(Duration pause) {
        try {
            while (true) {
                Thread.sleep(pause);
                sweep(System.nanoTime());
            }
        } catch (InterruptedException e) {
            // The server ends.
        }
    }

    private void sweep(long now) {
        for (Iterator<Watched> each = connections.values().iterator(); each.hasNext(); ) {
            Watched watched = each.next();
            if (!watched.channel.isOpen()) {
                each.remove();
            } else if (now - watched.since > patienceNanos) {
                each.remove();
                try {
                    watched.channel.close();
                } catch (IOException e) {
                    // It is closed now in any case.
                }
            }
        }
    }

    @Override
    public void close() {
        sweeper.interrupt();
    }
}
