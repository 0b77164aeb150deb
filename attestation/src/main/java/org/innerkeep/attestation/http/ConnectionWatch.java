package org.innerkeep.attestation.http;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Cuts connections on which nothing gets on: no request for a time since the connection began or the last answer, however the time is
 * spent: with a handshake that never ends, with a header a byte at a time, or with nothing. The HTTP server itself looks only at
 * connections whose protocol it has recognised.
 *
 * <p>When the server ends, it also cuts those on which no request is under way, at once or when the last one has been answered: the HTTP
 * server itself waits for them as long as for others.
 *
 * <p>Safe for use by several threads.
 */
final class ConnectionWatch implements AutoCloseable {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration PAUSE_AT_THE_END = Duration.ofMillis(20);

    /** So long after an answer its receiver has it, even if the connection then ends less than politely. */
    private static final Duration AFTER_AN_ANSWER = Duration.ofMillis(200);

    private final Map<SocketAddress, Watched> connections = new ConcurrentHashMap<>();
    private final long patienceNanos;
    private final Thread sweeper;
    private volatile boolean draining;
    private volatile boolean closed;

    /** A connection. */
    static final class Watched {
        private final SocketChannel channel;
        private final AtomicInteger underWay = new AtomicInteger();
        private volatile long since;

        private Watched(SocketChannel channel) {
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

    /**
     * A request was understood.
     *
     * @param peer who sent it
     * @return its connection, for when it is answered: by then another may have the same address; nothing where it is closed already
     */
    Optional<Watched> begun(SocketAddress peer) {
        Optional<Watched> found = Optional.ofNullable(connections.get(peer));
        found.ifPresent(watched -> {
            watched.underWay.incrementAndGet();
            watched.since = System.nanoTime();
        });
        return found;
    }

    /** It was answered. */
    static void answered(Watched watched) {
        watched.since = System.nanoTime();
        watched.underWay.decrementAndGet();
    }

    /** From now on only connections with a request that is under way are kept. */
    void drain() {
        draining = true;
        LockSupport.unpark(sweeper);
    }

    private void sweepAll(Duration pause) {
        while (!closed) {
            LockSupport.parkNanos((draining ? PAUSE_AT_THE_END : pause).toNanos());
            sweep(System.nanoTime());
        }
    }

    private boolean over(Watched watched, long now) {
        long idle = now - watched.since;
        return idle > patienceNanos || (draining && watched.underWay.get() == 0 && idle > AFTER_AN_ANSWER.toNanos());
    }

    private void sweep(long now) {
        connections.forEach((peer, watched) -> {
            boolean over = over(watched, now);
            if (!watched.channel.isOpen() || over) {
                // Only this one: a later connection may have the address by now.
                connections.remove(peer, watched);
            }
            if (over) {
                try {
                    watched.channel.close();
                } catch (IOException e) {
                    // It is closed now in any case.
                }
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(sweeper);
    }
}
