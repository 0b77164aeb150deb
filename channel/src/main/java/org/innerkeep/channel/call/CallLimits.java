package org.innerkeep.channel.call;

/**
 * Bounds on what one connection may use. Both ends should use the same {@code maxFrameBytes}: a frame above it ends the
 * connection of the end that receives it.
 *
 * <p>A decoded value takes more memory than its bytes, up to about fifty times for collections of tiny values; choose
 * {@code maxPendingBytes} with that in mind. Answers to calls of this side take up to {@code maxOutstandingCalls} times {@code
 * maxFrameBytes} until their callers have read them.
 *
 * @param maxFrameBytes the largest frame in bytes, 1 KiB to 1 GiB
 * @param maxConcurrentRequests how many requests of the other end are carried out at once; more are answered {@link
 *     CallException.Code#BUSY}, not queued
 * @param maxOutstandingCalls how many calls of this side may wait at once; more fail with {@link CallException.Code#BUSY}
 * @param maxPendingBytes how many bytes the frames of the requests being carried out may have together, with 64 KiB for each stream
 *     that is an argument; more are answered {@link CallException.Code#BUSY}. And how many bytes their answers may have together
 *     until they are written: a request waits until there is room for the largest answer, and if results of several that ran at
 *     once find no room, the late ones fail with {@link CallException.Code#TOO_LARGE}. At least {@code maxFrameBytes}
 */
public record CallLimits(int maxFrameBytes, int maxConcurrentRequests, int maxOutstandingCalls, long maxPendingBytes) {
    /** Frames up to 16 MiB, 256 requests at once of up to 64 MiB together, 1024 calls waiting. */
    public static final CallLimits DEFAULT = new CallLimits(16 << 20, 256, 1024, 64L << 20);

    /** A request's thread, what it decodes into beside the bytes, and a small answer that waits for room. */
    private static final int REQUEST_OVERHEAD_BYTES = 4 << 10;

    /** The same for a call that reads or stops a stream, which is smaller. */
    private static final int STREAM_CALL_BYTES = 2 << 10;

    /** Both buffers of the reader, and the notices and the batch of the writer. */
    private static final int FIXED_BYTES = (80 << 10) + FrameWriter.MAX_NOTICE_BYTES + FrameWriter.BATCH_BYTES;

    /** Checks the ranges. */
    public CallLimits {
        within("maxFrameBytes", maxFrameBytes, 1 << 10, 1 << 30);
        within("maxConcurrentRequests", maxConcurrentRequests, 1, 1 << 20);
        within("maxOutstandingCalls", maxOutstandingCalls, 1, 1 << 20);
        within("maxPendingBytes", maxPendingBytes, maxFrameBytes, Long.MAX_VALUE / 8);
    }

    private static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be from " + least + " to " + most + ", is " + value);
        }
    }

    /** {@return the room for answers that are not written yet} */
    long answerBytes() {
        return maxPendingBytes + 2 * Charge.FRAME_OVERHEAD_BYTES;
    }

    /** {@return the room for pieces of streams that are not written yet} */
    long pieceBytes() {
        return Math.min(maxPendingBytes / 2, (long) Streams.MAX_READS * (StreamSource.MAX_PIECE_BYTES + Streams.PIECE_OVERHEAD_BYTES));
    }

    /**
     * {@return what the connection takes whatever its frames are, in bytes}
     *
     * @param maxConcurrentRequests how many requests of the other end are carried out at once
     */
    public static long overheadBytes(int maxConcurrentRequests) {
        return FIXED_BYTES
                + (long) maxConcurrentRequests * REQUEST_OVERHEAD_BYTES
                + (long) (Streams.MAX_READS + Streams.MAX_STOPS) * STREAM_CALL_BYTES;
    }

    /**
     * {@return the most bytes that the other end can make this one hold, one that asks for all it can and reads nothing included}
     * That is the frame being read, the frames of requests, answers and pieces of streams that are not written, notices, and what
     * each request takes beside its bytes. It is not what a program holds while it carries out a request, how much larger decoded
     * values are than their bytes, nor what calls of this side bring. An end that has a {@link CallPeer.Builder#ring ring} holds up
     * to {@link org.innerkeep.channel.ring.Ring#MAX_HELD_BYTES} more.
     */
    public long maxHeldBytes() {
        return overheadBytes(maxConcurrentRequests) + maxFrameBytes + maxPendingBytes + answerBytes() + pieceBytes();
    }
}
