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
 * @param maxPendingBytes how many bytes the frames of the requests being carried out may have together, at least {@code
 *     maxFrameBytes}; more are answered {@link CallException.Code#BUSY}
 */
public record CallLimits(int maxFrameBytes, int maxConcurrentRequests, int maxOutstandingCalls, long maxPendingBytes) {
    /** Frames up to 16 MiB, 256 requests at once of up to 64 MiB together, 1024 calls waiting. */
    public static final CallLimits DEFAULT = new CallLimits(16 << 20, 256, 1024, 64L << 20);

    /** Checks the ranges. */
    public CallLimits {
        within("maxFrameBytes", maxFrameBytes, 1 << 10, 1 << 30);
        within("maxConcurrentRequests", maxConcurrentRequests, 1, 1 << 20);
        within("maxOutstandingCalls", maxOutstandingCalls, 1, 1 << 20);
        within("maxPendingBytes", maxPendingBytes, maxFrameBytes, Long.MAX_VALUE);
    }

    private static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be from " + least + " to " + most + ", is " + value);
        }
    }
}
