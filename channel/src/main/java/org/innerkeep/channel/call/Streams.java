package org.innerkeep.channel.call;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The streams of one connection, both ways. A stream crosses in a call as a number, and the other end reads it by calls of
 * {@link StreamSource}, at its own pace.
 *
 * <p>A stream that is an argument lasts until the call is answered. One that is a result lasts until it was read to its end, its
 * reader closes it, or the connection ends; then its source is closed. Safe for use by several threads.
 */
final class Streams implements StreamSource, AutoCloseable {
    /** The most streams of this end that may be open at once. */
    static final int MAX_OPEN = 16;

    /** The most pieces that the other end may be waiting for. */
    static final int MAX_READS = MAX_OPEN * RemoteStream.AHEAD;

    /** How long the reader of an argument waits for a piece; the deadline of its call ends it earlier. */
    private static final Duration ARGUMENT_TIMEOUT = Duration.ofMinutes(5);

    private final Consumer<StreamSource> offer;
    private final Function<Duration, StreamSource> remote;
    private final AtomicBoolean offered = new AtomicBoolean();
    private final Map<Long, Sent> sent = new ConcurrentHashMap<>();
    private final AtomicLong lastNumber = new AtomicLong();
    private volatile boolean closed;

    /**
     * Prepares.
     *
     * @param offer offers these streams to the other end; called when there is one, so that a connection without any has no more
     *     to attack
     * @param remote binds the other end's streams, for calls that may take so long
     */
    Streams(Consumer<StreamSource> offer, Function<Duration, StreamSource> remote) {
        this.offer = offer;
        this.remote = remote;
    }

    /** A source and how far it has been read. */
    private static final class Sent {
        private final long call;
        private final InputStream source;
        private final boolean owned;
        private long next;
        private boolean over;

        Sent(long call, InputStream source, boolean owned) {
            this.call = call;
            this.source = source;
            this.owned = owned;
        }

        /** Waits for its turn before it takes memory. */
        synchronized byte[] read(long piece) throws StreamBrokenException {
            try {
                while (!over && next < piece) {
                    wait();
                }
                if (over || next > piece) {
                    throw new StreamBrokenException();
                }
                byte[] buffer = new byte[MAX_PIECE_BYTES];
                int count = source.read(buffer);
                next++;
                return count < 0 ? new byte[0] : Arrays.copyOf(buffer, count);
            } catch (IOException | RuntimeException e) {
                over = true;
                throw new StreamBrokenException();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StreamBrokenException();
            } finally {
                notifyAll();
            }
        }

        /** Never waits for a read that is under way: the source's own close ends that, if anything does. */
        void end() {
            if (owned) {
                closeQuietly(source);
            }
            Thread.ofVirtual().start(this::markOver);
        }

        private synchronized void markOver() {
            over = true;
            notifyAll();
        }
    }

    /** The streams that one call takes along. */
    final class Sending implements AutoCloseable {
        private final long call;
        private final List<Long> numbers = new ArrayList<>();

        private Sending(long call) {
            this.call = call;
        }

        /**
         * Adds a stream.
         *
         * @param source read on the threads that serve the other end
         * @param owned whether it is closed when it is no longer needed
         * @return the number that stands for it
         */
        long add(InputStream source, boolean owned) {
            if (closed || sent.size() >= MAX_OPEN) {
                if (owned) {
                    closeQuietly(source);
                }
                throw new IllegalStateException(MAX_OPEN + " streams are open on this connection already");
            }
            if (offered.compareAndSet(false, true)) {
                offer.accept(Streams.this);
            }
            long number = lastNumber.incrementAndGet();
            sent.put(number, new Sent(call, source, owned));
            numbers.add(number);
            if (closed) {
                close();
            }
            return number;
        }

        /** Ends them. */
        @Override
        public void close() {
            numbers.forEach(Streams.this::stop);
        }
    }

    /** The streams that one request brought. */
    final class Receiving implements AutoCloseable {
        private final List<RemoteStream> streams = new ArrayList<>();

        InputStream open(long number) {
            RemoteStream stream = new RemoteStream(remote.apply(ARGUMENT_TIMEOUT), number);
            streams.add(stream);
            return stream;
        }

        /** Ends them: the call is answered. */
        @Override
        public void close() {
            streams.forEach(RemoteStream::end);
        }
    }

    private static void closeQuietly(InputStream source) {
        try {
            source.close();
        } catch (IOException | RuntimeException e) {
            // Nobody reads it any more.
        }
    }

    /** For the arguments of a call of this side. */
    Sending sending() {
        return new Sending(0);
    }

    /** For the result of a call of the other side, which it knows by this id. */
    Sending sending(long call) {
        return new Sending(call);
    }

    /** The other side has given up a call that may have been answered with a stream. */
    void stopCall(long call) {
        sent.forEach((number, source) -> {
            if (source.call == call) {
                stop(number);
            }
        });
    }

    Receiving receiving() {
        return new Receiving();
    }

    /** A stream that is a result; its reader closes it. */
    InputStream open(long number, Duration timeout) {
        return new RemoteStream(remote.apply(timeout), number);
    }

    @Override
    public byte[] read(long stream, long piece) throws StreamBrokenException {
        Sent source = sent.get(stream);
        if (source == null) {
            throw new StreamBrokenException();
        }
        byte[] bytes = source.read(piece);
        if (bytes.length == 0 && source.owned) {
            stop(stream);
        }
        return bytes;
    }

    @Override
    public void stop(long stream) {
        Sent source = sent.remove(stream);
        if (source != null) {
            source.end();
        }
    }

    /** The connection has ended. */
    @Override
    public void close() {
        closed = true;
        sent.keySet().forEach(this::stop);
    }
}
