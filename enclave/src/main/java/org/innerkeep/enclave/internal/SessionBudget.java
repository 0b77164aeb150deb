package org.innerkeep.enclave.internal;

import org.innerkeep.channel.call.CallLimits;

/**
 * How much of the heap strangers may take. Anybody can open a session, ask for all that it can and read nothing. What all sessions
 * can hold of messages in this way, each way and streams included, is together at most half of the heap.
 */
final class SessionBudget {
    /** The least heap for a session, half of which it may take. */
    private static final long HEAP_PER_SESSION = 4 << 20;

    /** What more of the heap a session needs for each request that may be carried out at once. */
    private static final long HEAP_PER_REQUEST = 8 << 10;

    private static final int MAX_SESSIONS = 512;
    private static final int MIN_FRAME_BYTES = 64 << 10;
    private static final int MAX_FRAME_BYTES = 16 << 20;

    /** The buffers of TLS: four records each way and one decrypted. */
    static final long TLS_BYTES = 160 << 10;

    private SessionBudget() {}

    /** The most sessions at once: one for each 4 MiB of heap and 8 KiB for each thread, at most 512. */
    static int sessions(long heapBytes, int threads) {
        return (int) Math.clamp(heapBytes / (HEAP_PER_SESSION + threads * HEAP_PER_REQUEST), 1, MAX_SESSIONS);
    }

    /** What one of the sessions may take: its share of half the heap. */
    static long shareBytes(long heapBytes, int threads) {
        return heapBytes / 2 / sessions(heapBytes, threads);
    }

    /** The limits of a session's calls, such that it never holds more than its share. */
    static CallLimits limits(long heapBytes, int threads) {
        long share = shareBytes(heapBytes, threads) - TLS_BYTES;
        // Fewer only where a heap is too small for the threads that its manifest names.
        int requests = (int) Math.clamp(share / (4 * HEAP_PER_REQUEST), 1, threads);
        long left = share - CallLimits.overheadBytes(requests);
        int frame = (int) Math.clamp(left / 4, MIN_FRAME_BYTES, MAX_FRAME_BYTES);
        // The frame that is read, requests, answers, and half as much of pieces; 1 KiB for what is counted beside them.
        long pending = Math.max(frame, (left - frame - 1024) * 2 / 5);
        return new CallLimits(frame, requests, CallLimits.DEFAULT.maxOutstandingCalls(), pending);
    }
}
