package org.innerkeep.channel.call;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one connection, both ways. A stream crosses in a call as a number, and the other end reads it by calls of
 * {@link StreamSource}, at its own pace.
 *
 * <p>A stream that is an argument lasts until the call is answered. One that is a result lasts until it was read to its end, its
 * reader closes it, or the connection ends; then its source is closed. Safe for use by several threads.
 */
final class Streams implements AutoCloseable {
    /** The most streams of this end that may be open at once. */
    static final int MAX_OPEN = 16;

    /** The most pieces that the other end may be waiting for. */
    static final int MAX_READS = MAX_OPEN * RemoteStream.AHEAD;

    /** The most streams that the other end may be stopping. That takes no time, and must not wait behind reads of slow sources. */
    static final int MAX_STOPS = MAX_OPEN;

    /** Counted for each piece beside its bytes: its frame, and what that is counted with. */
    static final int PIECE_OVERHEAD_BYTES = 128;

    private static final int LEAST_PIECE_BYTES = 16;

    /**
     * How long the reader of an argument waits for a piece; the deadline of its call ends it earlier. And how long a stop may take:
     * given up, it would leave the source open.
     */
    private static final Duration ARGUMENT_TIMEOUT = Duration.ofMinutes(5);

    private final Consumer<Offer> offer;
    private final Function<Duration, StreamSource> remote;
    private final StreamSource unhurried;
    private final Room requests;
    private final Room pieces;
    private final int maxFrameBytes;
    private final AtomicInteger live = new AtomicInteger();
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
     * @param requests where pieces are counted that this end asks for
     * @param pieces where pieces are counted that this end gives
     * @param maxFrameBytes the largest frame
     */
    Streams(Consumer<Offer> offer, Function<Duration, StreamSource> remote, Room requests, Room pieces, int maxFrameBytes) {
        this.offer = offer;
        this.remote = remote;
        this.unhurried = remote.apply(ARGUMENT_TIMEOUT);
        this.requests = requests;
        this.pieces = pieces;
        this.maxFrameBytes = maxFrameBytes;
    }

    /** A source and how far it has been read. */
    private final class Sent {
        private final long call;
        private final InputStream source;
        private final boolean owned;
        private long next;
        private boolean over;

        Sent(long call, InputStream source, boolean owned) {
            this.call = call;
            this.source = source;
            this.owned = owned;
            live.incrementAndGet();
        }

        /** Waits for its turn, and then for room, before it takes memory. */
        synchronized byte[] read(long piece, Charge charge) throws StreamBrokenException {
            try {
                while (!over && next < piece) {
                    wait();
                }
                if (over || next > piece) {
                    throw new StreamBrokenException();
                }
                int size = pieceBytes();
                charge.awaitPiece(pieces, size + PIECE_OVERHEAD_BYTES);
                byte[] buffer = new byte[size];
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

        /** Waits for nothing: not for the source's close, nor for a read that is under way, which that close ends if anything does. */
        void end() {
            Thread.ofVirtual().name("innerkeep-stream-end").start(() -> {
                if (owned) {
                    closeQuietly(source);
                }
                markOver();
            });
        }

        private synchronized void markOver() {
            over = true;
            live.decrementAndGet();
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
                offer.accept(new Offer(StreamSource.SCHEMA, Streams.this::answer));
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
            RemoteStream stream = new RemoteStream(unhurried, unhurried, number, requests, askedBytes());
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

    /** {@return how many streams of this end are open} */
    int open() {
        return sent.size();
    }

    Receiving receiving() {
        return new Receiving();
    }

    /** A stream that is a result; its reader closes it. */
    InputStream open(long number, Duration timeout) {
        return new RemoteStream(remote.apply(timeout), unhurried, number, requests, askedBytes());
    }

    /** What a piece can take that this end asks for. */
    private long askedBytes() {
        return Math.min(StreamSource.MAX_PIECE_BYTES, maxFrameBytes);
    }

    /** {@return what a request needs for the next piece of each of its streams, as long as it is carried out} */
    long reserved(Operation operation) {
        return operation.streamParameters() * askedBytes();
    }

    /**
     * How large a piece may be: such that all streams have room for as many pieces as are asked for at once. One whose source gives
     * nothing keeps the room of one piece, so that these together leave some, however many streams were opened after it.
     */
    private int pieceBytes() {
        long share = pieces.capacity() / ((long) RemoteStream.AHEAD * Math.max(1, live.get())) - PIECE_OVERHEAD_BYTES;
        return (int) Math.clamp(
                share, LEAST_PIECE_BYTES, Math.min(StreamSource.MAX_PIECE_BYTES, maxFrameBytes - PIECE_OVERHEAD_BYTES));
    }

    /** Carries out a request of {@link StreamSource}. */
    private byte @Nullable [] answer(int operation, @Nullable Object[] arguments, Charge charge) throws StreamBrokenException {
        long stream = (Long) Objects.requireNonNull(arguments[0]);
        if (operation == StreamSource.READ) {
            return read(stream, (Long) Objects.requireNonNull(arguments[1]), charge);
        }
        stop(stream);
        return null;
    }

    private byte[] read(long stream, long piece, Charge charge) throws StreamBrokenException {
        Sent source = sent.get(stream);
        if (source == null) {
            throw new StreamBrokenException();
        }
        byte[] bytes = source.read(piece, charge);
        if (bytes.length == 0 && source.owned) {
            stop(stream);
        }
        return bytes;
    }

    private void stop(long stream) {
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
