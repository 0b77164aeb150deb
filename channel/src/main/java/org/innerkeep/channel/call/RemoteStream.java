package org.innerkeep.channel.call;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream of the other end, some pieces ahead, so that a piece is on its way while the one before is used. What the other end
 * gives is hostile; it may also give nothing, until the timeout. For one thread at a time, but it may be ended by any.
 */
final class RemoteStream extends InputStream {
    /** How many pieces are asked for at once. */
    static final int AHEAD = 4;

    private final StreamSource source;
    private final StreamSource stopper;
    private final long number;
    private final Room room;
    private final long pieceBytes;

    private final Object lock = new Object();
    // Held with the lock.
    private final Deque<FutureTask<byte[]>> asked = new ArrayDeque<>();
    private @Nullable FutureTask<byte[]> awaited;
    private int counted;
    private boolean ended;
    private boolean over;

    private long next;
    private byte[] piece = {};
    private int at;

    /**
     * Prepares.
     *
     * @param source what is read, each call with the timeout of this stream
     * @param stopper the same with a timeout that does not matter: no more is read, and the other end must learn of it
     * @param number the stream's
     * @param room where pieces asked for ahead are counted; the one that is needed next is counted elsewhere
     * @param pieceBytes what is counted for each
     */
    RemoteStream(StreamSource source, StreamSource stopper, long number, Room room, long pieceBytes) {
        this.source = source;
        this.stopper = stopper;
        this.number = number;
        this.room = room;
        this.pieceBytes = pieceBytes;
    }

    @Override
    public int read() throws IOException {
        return fill() ? piece[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, piece.length - at);
        System.arraycopy(piece, at, target, offset, count);
        at += count;
        return count;
    }

    @Override
    public int available() {
        return piece.length - at;
    }

    /** {@return whether there is a byte left} */
    private boolean fill() throws IOException {
        while (true) {
            FutureTask<byte[]> task;
            synchronized (lock) {
                if (ended) {
                    throw new IOException(
                            "the stream is closed, or the call that it came with has been answered: read it before returning");
                }
                if (at < piece.length || over) {
                    return at < piece.length;
                }
                piece = new byte[0];
                at = 0;
                task = ask();
            }
            byte[] bytes = await(task);
            if (bytes.length == 0) {
                synchronized (lock) {
                    over = true;
                    abandon();
                }
            }
            piece = bytes;
        }
    }

    /** One piece at first, for many a stream has no more; then as many as may be under way and find room. */
    private FutureTask<byte[]> ask() {
        int wanted = next == 0 ? 1 : AHEAD;
        while (asked.size() < wanted && (asked.size() <= counted || count())) {
            long each = next++;
            FutureTask<byte[]> task = new FutureTask<>(() -> piece(each));
            asked.add(task);
            Thread.ofVirtual().name("innerkeep-stream-reader").start(task);
        }
        FutureTask<byte[]> first = asked.remove();
        awaited = first;
        return first;
    }

    /** Half of the room is left to requests. */
    private boolean count() {
        boolean found = room.tryTake(pieceBytes, room.capacity() / 2);
        counted += found ? 1 : 0;
        return found;
    }

    private byte[] piece(long index) throws IOException, StreamBrokenException {
        byte[] bytes = source.read(number, index);
        if (bytes.length > StreamSource.MAX_PIECE_BYTES) {
            throw new IOException("a piece of " + bytes.length + " bytes");
        }
        return bytes;
    }

    private byte[] await(FutureTask<byte[]> task) throws IOException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw broken(e.getCause() == null ? e : e.getCause());
        } catch (CancellationException e) {
            throw broken(e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a stream was read");
        }
    }

    private IOException broken(Throwable cause) {
        close();
        return new IOException("the other end's stream broke before its end", cause);
    }

    /** The lock is held. */
    private void abandon() {
        if (awaited != null) {
            awaited.cancel(true);
        }
        asked.forEach(task -> task.cancel(true));
        asked.clear();
        room.give(counted * pieceBytes);
        counted = 0;
    }

    /** Ends it on this side alone: the call that it came with is answered, and the other end knows. */
    void end() {
        synchronized (lock) {
            ended = true;
            abandon();
        }
    }

    /** Tells the other end, without waiting and once, that no more will be read. */
    @Override
    public void close() {
        synchronized (lock) {
            if (ended) {
                return;
            }
            ended = true;
            abandon();
            if (over) {
                return;
            }
        }
        Thread.ofVirtual().name("innerkeep-stream-closer").start(() -> {
            try {
                stopper.stop(number);
            } catch (CallException e) {
                // The connection has ended, and the stream with it.
            }
        });
    }
}
