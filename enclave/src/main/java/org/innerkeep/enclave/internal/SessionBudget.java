package org.innerkeep.enclave.internal;

/**
 * How much of the heap strangers may take. Anybody can open a session and send the beginning of a large message, so all
 * sessions together, each with its largest message, take at most half of the heap.
 */
final class SessionBudget {
    private static final long HEAP_PER_SESSION = 2 << 20;
    private static final int MAX_SESSIONS = 512;
    private static final int MAX_FRAME_BYTES = 16 << 20;

    private SessionBudget() {}

    /** The most sessions at once: one for each 2 MiB of heap, at most 512. */
    static int sessions(long heapBytes) {
        return (int) Math.clamp(heapBytes / HEAP_PER_SESSION, 1, MAX_SESSIONS);
    }

    /** The largest message of a session: its share of half the heap, at most 16 MiB. */
    static int frameBytes(long heapBytes, int sessions) {
        return (int) Math.clamp(heapBytes / 2 / sessions, 64 << 10, MAX_FRAME_BYTES);
    }
}
