package org.innerkeep.channel.call;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Reads a stream of the other end, some pieces ahead, so that a piece is on its way while the one before is used. What the other end
 * gives is hostile; it may also give nothing, until the timeout. For one thread at a time.
 */
final class RemoteStream extends InputStream {
    /** How many pieces are asked for at once. */
    static final int AHEAD = 4;

    private final StreamSource source;
    private final long number;
    private final Deque<FutureTask<byte[]>> asked = new ArrayDeque<>();
    private long next;
    private byte[] piece = {};
    private int at;
    private boolean over;
    private volatile boolean ended;

    RemoteStream(StreamSource source, long number) {
        this.source = source;
        this.number = number;
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
        if (ended) {
            throw new IOException("the stream is closed, or the call that it came with has been answered: read it before returning");
        }
        while (at == piece.length && !over) {
            ask();
            piece = await(asked.remove());
            at = 0;
            if (piece.length == 0) {
                over = true;
                abandon();
            }
        }
        return at < piece.length;
    }

    /** One piece at first, for many a stream has no more; then as many as may be under way. */
    private void ask() {
        int wanted = next == 0 ? 1 : AHEAD;
        while (asked.size() < wanted) {
            long each = next++;
            FutureTask<byte[]> task = new FutureTask<>(() -> source.read(number, each));
            asked.add(task);
            Thread.ofVirtual().name("innerkeep-stream-reader").start(task);
        }
    }

    private byte[] await(FutureTask<byte[]> task) throws IOException {
        try {
            byte[] bytes = task.get();
            if (bytes.length > StreamSource.MAX_PIECE_BYTES) {
                throw broken(new IOException("a piece of " + bytes.length + " bytes"));
            }
            return bytes;
        } catch (ExecutionException e) {
            throw broken(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            end();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a stream was read");
        }
    }

    private IOException broken(Throwable cause) {
        end();
        return new IOException("the other end's stream broke before its end", cause);
    }

    private void abandon() {
        asked.forEach(task -> task.cancel(true));
        asked.clear();
    }

    /** Ends it on this side alone. */
    void end() {
        ended = true;
    }

    /** Tells the other end, without waiting, that no more will be read. */
    @Override
    public void close() {
        if (ended) {
            return;
        }
        end();
        abandon();
        if (!over) {
            Thread.ofVirtual().name("innerkeep-stream-closer").start(() -> {
                try {
                    source.stop(number);
                } catch (CallException e) {
                    // The connection has ended, and the stream with it.
                }
            });
        }
    }
}
