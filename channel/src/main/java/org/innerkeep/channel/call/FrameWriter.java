package org.innerkeep.channel.call;

import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Queues frames and writes them, several small ones at a time. There is no writer thread: whoever adds to an idle queue
 * starts the writing, and it goes on until the queue is empty.
 *
 * <p>A write to a peer that does not read may block for ever. So a thread that must keep a deadline, or the thread that reads,
 * never writes itself; it starts a virtual thread for it. A thread that has finished a request has nothing else to do and
 * writes itself, which saves a handoff for each answer. Safe for use by several threads.
 */
final class FrameWriter {
    /** Bytes in the queue from which senders wait. */
    private static final long FULL_BYTES = 1 << 20;

    /** Bytes in the queue from which the reader's own short answers end the connection: the peer asks but does not read. */
    private final long overflowBytes;

    private static final int BATCH_BYTES = 1 << 16;

    private final OutputStream out;
    private final Consumer<Throwable> onFailure;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    private long queuedBytes;
    private boolean writing;
    private boolean closed;

    FrameWriter(OutputStream out, int maxFrameBytes, Consumer<Throwable> onFailure) {
        this.out = out;
        this.overflowBytes = 2 * FULL_BYTES + maxFrameBytes;
        this.onFailure = onFailure;
    }

    /**
     * Sends a request, waiting for room until a deadline.
     *
     * @param frame the frame
     * @param deadlineNanos a value of {@link System#nanoTime()}
     * @return false if the deadline passed first; nothing is sent then. True also where the connection has ended
     * @throws InterruptedException if the thread is interrupted first; nothing is sent then
     */
    boolean request(byte[] frame, long deadlineNanos) throws InterruptedException {
        boolean mustWrite;
        lock.lockInterruptibly();
        try {
            while (!closed && queuedBytes >= FULL_BYTES) {
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0 || room.awaitNanos(left) <= 0) {
                    return false;
                }
            }
            mustWrite = add(frame);
        } finally {
            lock.unlock();
        }
        if (mustWrite) {
            writeElsewhere();
        }
        return true;
    }

    /**
     * Sends an answer, waiting for room as long as it takes.
     *
     * @param frame the frame
     * @param onQueued run when the answer has its place in the queue and before any byte of it is written
     */
    void answer(byte[] frame, Runnable onQueued) {
        boolean mustWrite;
        lock.lock();
        try {
            while (!closed && queuedBytes >= FULL_BYTES) {
                room.awaitUninterruptibly();
            }
            onQueued.run();
            mustWrite = add(frame);
        } finally {
            lock.unlock();
        }
        if (mustWrite) {
            write();
        }
    }

    /**
     * Sends a short frame without waiting.
     *
     * @param frame the frame
     * @return false if there is far too much in the queue; nothing is sent then
     */
    boolean notice(byte[] frame) {
        boolean mustWrite;
        lock.lock();
        try {
            if (queuedBytes > overflowBytes) {
                return false;
            }
            mustWrite = add(frame);
        } finally {
            lock.unlock();
        }
        if (mustWrite) {
            writeElsewhere();
        }
        return true;
    }

    /** Drops what is queued and lets everybody go who waits for room. */
    void close() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
            queuedBytes = 0;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** {@return whether the caller must see to the writing} The lock is held. */
    private boolean add(byte[] frame) {
        if (closed) {
            return false;
        }
        queue.add(frame);
        queuedBytes += frame.length;
        boolean mustWrite = !writing;
        writing = true;
        return mustWrite;
    }

    private void writeElsewhere() {
        Thread.ofVirtual().name("innerkeep-call-writer").start(this::write);
    }

    private void write() {
        try {
            while (true) {
                byte[] batch = take();
                if (batch != null) {
                    out.write(batch);
                    continue;
                }
                out.flush();
                lock.lock();
                try {
                    if (queue.isEmpty()) {
                        writing = false;
                        return;
                    }
                } finally {
                    lock.unlock();
                }
            }
        } catch (Throwable e) {
            // Whatever it is: callers wait for what was not written. "writing" stays true, so nobody writes after it.
            onFailure.accept(e);
        }
    }

    /** {@return the next frame, with those after it as long as all are short, or null where there is none} */
    private byte @Nullable [] take() {
        lock.lock();
        try {
            byte[] first = queue.poll();
            if (first == null) {
                return null;
            }
            int length = first.length;
            int more = 0;
            for (byte[] next : queue) {
                if (length + next.length > BATCH_BYTES) {
                    break;
                }
                length += next.length;
                more++;
            }
            byte[] batch = first;
            if (more > 0) {
                batch = Arrays.copyOf(first, length);
                int at = first.length;
                for (; more > 0; more--) {
                    byte[] next = queue.remove();
                    System.arraycopy(next, 0, batch, at, next.length);
                    at += next.length;
                }
            }
            queuedBytes -= length;
            if (queuedBytes < FULL_BYTES) {
                room.signalAll();
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }
}
