package org.innerkeep.channel.call;

import org.jspecify.annotations.Nullable;

/**
 * The bytes that one answer is counted with, from before it is made until it is written. Used by the thread that carries out the
 * request, and then by the one that writes.
 */
final class Charge {
    /** Counted for each frame beside its bytes: what the heap and the queue add. */
    static final int FRAME_OVERHEAD_BYTES = 64;

    /**
     * An answer up to this size waits for room; it is held by the request's own thread, and so there are as many as requests. A
     * larger one that finds no room is dropped.
     */
    static final int SMALL_BYTES = 1 << 10;

    private @Nullable Room room;
    private long bytes;

    /**
     * Waits for room for a piece of a stream.
     *
     * @param pieces where it is counted
     * @param size how many bytes it may have
     * @throws InterruptedException if the thread is interrupted first
     */
    void awaitPiece(Room pieces, long size) throws InterruptedException {
        pieces.take(size);
        room = pieces;
        bytes = size;
    }

    /** {@return whether a frame has room, at once or because it is small and may wait} */
    boolean fits(Room answers, byte[] frame) {
        long cost = cost(frame);
        if (cost <= bytes || cost <= SMALL_BYTES) {
            return true;
        }
        release();
        if (!answers.tryTake(cost)) {
            return false;
        }
        room = answers;
        bytes = cost;
        return true;
    }

    /** Counts exactly the frame, which {@link #fits}; waits if it is small. */
    void settle(Room answers, byte[] frame) {
        long cost = cost(frame);
        if (room == null || cost > bytes) {
            release();
            answers.takeUninterruptibly(cost);
            room = answers;
        } else {
            room.give(bytes - cost);
        }
        bytes = cost;
    }

    /** The answer was written, or will never be. */
    void release() {
        if (room != null) {
            room.give(bytes);
            room = null;
            bytes = 0;
        }
    }

    private static long cost(byte[] frame) {
        return (long) frame.length + FRAME_OVERHEAD_BYTES;
    }
}
