package org.innerkeep.channel.call;

import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
    /** Bytes in the queue from which requests of this side wait. */
    private static final long FULL_BYTES = 1 << 20;

    /** What the reader's own short answers in the queue may take; one more ends the connection: the peer asks but does not read. */
    static final int MAX_NOTICE_BYTES = 96 << 10;

    /** The longest write that is made of several frames. */
    static final int BATCH_BYTES = 1 << 16;

    /**
     * A frame in the queue.
     *
     * @param bytes the frame
     * @param charge what it is counted with until it was written; null for what is not an answer
     * @param noticeBytes what it takes of the room for notices
     */
    private record Queued(byte[] bytes, @Nullable Charge charge, int noticeBytes) {}

    /**
     * What is written at once.
     *
     * @param bytes one or more frames
     * @param charges what these are counted with
     */
    private record Batch(byte[] bytes, List<Charge> charges) {}

    private final OutputStream out;
    private final Consumer<Throwable> onFailure;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<Queued> queue = new ArrayDeque<>();
    private long queuedBytes;
    private int noticeBytes;
    private boolean writing;
    private boolean closed;

    FrameWriter(OutputStream out, Consumer<Throwable> onFailure) {
        this.out = out;
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
            mustWrite = add(new Queued(frame, null, 0));
        } finally {
            lock.unlock();
        }
        if (mustWrite) {
            writeElsewhere();
        }
        return true;
    }

    /**
     * Sends an answer that was counted already.
     *
     * @param frame the frame
     * @param charge what it is counted with; released when it was written
     * @param onQueued run when the answer has its place in the queue and before any byte of it is written
     */
    void answer(byte[] frame, Charge charge, Runnable onQueued) {
        boolean mustWrite;
        lock.lock();
        try {
            onQueued.run();
            mustWrite = add(new Queued(frame, charge, 0));
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
     * @return false if there are far too many in the queue; nothing is sent then
     */
    boolean notice(byte[] frame) {
        int cost = frame.length + Charge.FRAME_OVERHEAD_BYTES;
        boolean mustWrite;
        lock.lock();
        try {
            if (noticeBytes + cost > MAX_NOTICE_BYTES) {
                return false;
            }
            mustWrite = add(new Queued(frame, null, cost));
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
            noticeBytes = 0;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** {@return whether the caller must see to the writing} The lock is held. */
    private boolean add(Queued frame) {
        if (closed) {
            return false;
        }
        queue.add(frame);
        queuedBytes += frame.bytes().length;
        noticeBytes += frame.noticeBytes();
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
                Batch batch = take();
                if (batch != null) {
                    out.write(batch.bytes());
                    batch.charges().forEach(Charge::release);
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
    private @Nullable Batch take() {
        lock.lock();
        try {
            List<byte[]> frames = new ArrayList<>();
            List<Charge> charges = new ArrayList<>();
            int length = 0;
            for (Queued next = queue.peek(); next != null; next = queue.peek()) {
                if (length > 0 && length + next.bytes().length > BATCH_BYTES) {
                    break;
                }
                queue.remove();
                length += next.bytes().length;
                noticeBytes -= next.noticeBytes();
                frames.add(next.bytes());
                if (next.charge() != null) {
                    charges.add(next.charge());
                }
            }
            if (frames.isEmpty()) {
                return null;
            }
            queuedBytes -= length;
            if (queuedBytes < FULL_BYTES) {
                room.signalAll();
            }
            return new Batch(frames.size() == 1 ? frames.getFirst() : joined(frames, length), charges);
        } finally {
            lock.unlock();
        }
    }

    private static byte[] joined(List<byte[]> frames, int length) {
        byte[] batch = new byte[length];
        int at = 0;
        for (byte[] frame : frames) {
            System.arraycopy(frame, 0, batch, at, frame.length);
            at += frame.length;
        }
        return batch;
    }
}
