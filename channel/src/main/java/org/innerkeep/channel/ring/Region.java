package org.innerkeep.channel.ring;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The memory that both sides map, {@link #BYTES} of it, all zero at first. Numbers are in the machine's byte order.
 *
 * <pre>
 * at          bytes
 * 0           4       {@link #VERSION} once the host is there
 * 128         4       {@link #VERSION} once the enclave is there
 * 4096        4993024 calls of the host
 * 4997120     4993024 calls of the enclave
 *
 * within the calls of one side
 * 0           8       ready: bit n says that there may be a request in slot n
 * 128         4       how many of the threads that serve look for a request
 * 256         4       the bell of the threads that serve
 * 384         4       the bell of the callers that are not woken each by its own slot
 * 4096 + 77952 * n    slot n
 *
 * within a slot
 * 0           4       state: a number that the caller counts up from call to call, times 8, and 0 to 3; see {@link AskingEnd}
 * 4           4       how many bytes the frame has
 * 8           4       how the caller waits: 0 not, 1 for its slot's state, 2 for the callers' bell, 3 no more
 * 64          73728   the frame: of the request, then of the answer
 * </pre>
 *
 * What both sides write lies on cache lines of its own, and slots do not all begin at the same place of a power of two, since then
 * all would share a few lines of the cache. The memory is never unmapped as long as this can be reached.
 */
final class Region {
    /** Slots of each side. */
    static final int SLOTS = Long.SIZE;

    /** The largest frame: 64 KiB and what is around them. The memory is taken for every enclave, whether it needs it or not. */
    static final int FRAME_BYTES = 72 << 10;

    /** Says which layout this is. */
    static final int VERSION = 1;

    static final int IDLE = 0;
    static final int REQUEST = 1;
    static final int TAKEN = 2;
    static final int ANSWER = 3;

    /** What the numbers above need. */
    static final int STATE_MASK = 7;

    static final int NOT_WAITING = 0;
    static final int WAITS_FOR_SLOT = 1;
    static final int WAITS_FOR_BELL = 2;
    static final int GAVE_UP = 3;

    private static final long HEADER_BYTES = 4096;
    private static final long SIDE_HEADER_BYTES = 4096;
    private static final long SLOT_BYTES = FRAME_BYTES + 4096 + 128;
    private static final long SIDE_BYTES = SIDE_HEADER_BYTES + SLOTS * SLOT_BYTES;

    /** How long the file is. */
    static final long BYTES = HEADER_BYTES + 2 * SIDE_BYTES;

    private static final long SEARCHING = 128;
    private static final long SERVERS_BELL = 256;
    private static final long CALLERS_BELL = 384;
    private static final long LENGTH = 4;
    private static final long WAITING = 8;
    private static final long FRAME = 64;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment memory;

    Region(MemorySegment memory) {
        this.memory = memory;
    }

    /**
     * Maps a file.
     *
     * @throws IOException if it cannot be opened for reading and writing, has another length than {@link #BYTES}, or cannot be mapped
     */
    static Region map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = channel.size();
            if (size != BYTES) {
                // To map more than there is would make the file longer.
                throw new IOException(file + " is no memory for calls: expected " + BYTES + " bytes, found " + size);
            }
            // Threads may still wait in the kernel for words of it, by their addresses, when the connection has ended.
            return new Region(channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, Arena.ofAuto()));
        } catch (InternalError | OutOfMemoryError e) {
            throw new IOException(file + " cannot be mapped: " + e.getMessage(), e);
        }
    }

    /** Where the calls of a side begin. */
    static long calls(Ring.Side side) {
        return HEADER_BYTES + side.place() * SIDE_BYTES;
    }

    static long slot(long calls, int slot) {
        return calls + SIDE_HEADER_BYTES + slot * SLOT_BYTES;
    }

    static long serversBell(long calls) {
        return calls + SERVERS_BELL;
    }

    static long callersBell(long calls) {
        return calls + CALLERS_BELL;
    }

    void arrive(Ring.Side side) {
        INT.setVolatile(memory, 128L * side.place(), VERSION);
    }

    boolean isThere(Ring.Side side) {
        return (int) INT.getAcquire(memory, 128L * side.place()) == VERSION;
    }

    /** The address of a word, for the kernel. */
    long address(long at) {
        return memory.address() + at;
    }

    int word(long at) {
        return (int) INT.getVolatile(memory, at);
    }

    void ring(long bell) {
        int _ = (int) INT.getAndAdd(memory, bell, 1);
    }

    long ready(long calls) {
        return (long) LONG.getVolatile(memory, calls);
    }

    void markReady(long calls, int slot) {
        long _ = (long) LONG.getAndBitwiseOr(memory, calls, 1L << slot);
    }

    /** {@return the bits before} */
    long unmarkReady(long calls, int slot) {
        return (long) LONG.getAndBitwiseAnd(memory, calls, ~(1L << slot));
    }

    int searching(long calls) {
        return word(calls + SEARCHING);
    }

    /** {@return how many there are then} */
    int addSearching(long calls, int count) {
        return (int) INT.getAndAdd(memory, calls + SEARCHING, count) + count;
    }

    int state(long slot) {
        return (int) INT.getVolatile(memory, slot);
    }

    void publish(long slot, int state) {
        INT.setRelease(memory, slot, state);
    }

    boolean change(long slot, int from, int to) {
        return INT.compareAndSet(memory, slot, from, to);
    }

    int waiting(long slot) {
        return word(slot + WAITING);
    }

    void waiting(long slot, int how) {
        INT.setVolatile(memory, slot + WAITING, how);
    }

    /** Writes a frame: its length and its bytes. */
    void write(long slot, byte[] bytes, int offset, int length) {
        memory.set(ValueLayout.JAVA_INT, slot + LENGTH, length);
        MemorySegment.copy(bytes, offset, memory, ValueLayout.JAVA_BYTE, slot + FRAME, length);
    }

    /**
     * Copies a frame out. What it says of its length is read once, and believed within bounds.
     *
     * @param most the longest that it may be
     * @throws RingException if it is longer, or shorter than nothing
     */
    byte[] read(long slot, int most) throws RingException {
        int length = (int) INT.getVolatile(memory, slot + LENGTH);
        if (length < 0 || length > most || length > FRAME_BYTES) {
            throw new RingException("a frame of " + length + " bytes where at most " + Math.min(most, FRAME_BYTES) + " may be");
        }
        byte[] bytes = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, slot + FRAME, bytes, 0, length);
        return bytes;
    }
}
