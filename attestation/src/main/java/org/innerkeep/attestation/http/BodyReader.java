package org.innerkeep.attestation.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.evidence.Bytes;

/**
 * Reads bodies within a time, and holds no more of all of them together than there is room for. Room is taken for what has arrived and
 * not for what is announced, so that whoever sends slowly holds little.
 *
 * <p>Safe for use by several threads.
 */
final class BodyReader implements AutoCloseable {
    private static final int CHUNK = 16 << 10;

    private final Semaphore chunks;
    private final long deadlineNanos;
    private final ScheduledThreadPoolExecutor deadlines;

    /**
     * A reader with room.
     *
     * @param maxHeldBytes of all bodies together
     * @param deadline for the whole of one body
     */
    BodyReader(long maxHeldBytes, Duration deadline) {
        this.chunks = new Semaphore(Math.toIntExact(Math.max(1, maxHeldBytes / CHUNK)));
        this.deadlineNanos = deadline.toNanos();
        this.deadlines = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("body-deadlines").factory());
        this.deadlines.setRemoveOnCancelPolicy(true);
    }

    /** Interrupts a thread that still reads when its time is over: it may wait for its next bytes without end. */
    private static final class Deadline implements Runnable {
        private final Thread reader = Thread.currentThread();
        private boolean over;
        private boolean expired;

        @Override
        public synchronized void run() {
            if (!over) {
                expired = true;
                reader.interrupt();
            }
        }

        /** Returns whether it had come. Nothing interrupts the thread any more, and it is as if nothing had. */
        synchronized boolean end() {
            over = true;
            if (expired) {
                Thread.interrupted();
            }
            return expired;
        }
    }

    /** A body for as long as it is needed. */
    final class Held implements AutoCloseable {
        private int taken;
        private Bytes bytes = Bytes.EMPTY;

        Bytes bytes() {
            return bytes;
        }

        @Override
        public void close() {
            chunks.release(taken);
            taken = 0;
        }
    }

    /**
     * Reads a body.
     *
     * @param in where it comes from
     * @param maxBytes the most that is taken
     * @return the body, to be closed when it is no longer needed
     * @throws RefusedException if it is larger, takes too long, breaks off, or there is no room
     */
    Held read(InputStream in, int maxBytes) throws RefusedException {
        Held held = new Held();
        boolean done = false;
        Deadline deadline = new Deadline();
        ScheduledFuture<?> due = deadlines.schedule(deadline, deadlineNanos, TimeUnit.NANOSECONDS);
        try {
            Bytes all = read(in, maxBytes, held);
            if (deadline.end()) {
                // To an interrupted thread the server says that the body has ended: what there is may be half of it.
                throw late();
            }
            held.bytes = all;
            done = true;
            return held;
        } catch (IOException e) {
            throw new RefusedException(Code.TIMEOUT, "body: it broke off, or its sender paused for too long.");
        } finally {
            due.cancel(false);
            deadline.end();
            if (!done) {
                held.close();
            }
        }
    }

    private RefusedException late() {
        return new RefusedException(Code.TIMEOUT, "body: it took longer than " + Duration.ofNanos(deadlineNanos).toSeconds()
                + " seconds to arrive.");
    }

    private Bytes read(InputStream in, int maxBytes, Held held) throws IOException, RefusedException {
        long begin = System.nanoTime();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK];
        while (true) {
            int read = in.read(chunk, 0, Math.min(CHUNK, maxBytes - all.size() + 1));
            if (read < 0) {
                return Bytes.of(all.toByteArray());
            }
            if (all.size() + read > maxBytes) {
                throw new RefusedException(Code.TOO_LARGE, "body: expected at most " + maxBytes + " bytes.");
            }
            if (System.nanoTime() - begin > deadlineNanos) {
                throw late();
            }
            while ((long) held.taken * CHUNK < (long) all.size() + read) {
                if (!chunks.tryAcquire()) {
                    throw new RefusedException(Code.TOO_MANY_REQUESTS, "body: too many requests are being read; try again.");
                }
                held.taken++;
            }
            all.write(chunk, 0, read);
        }
    }

    /** Ends its thread; bodies that are still being read have no deadline any more. */
    @Override
    public void close() {
        deadlines.shutdownNow();
    }
}
