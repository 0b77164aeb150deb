package org.innerkeep.channel.call;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts bytes that one connection makes this end hold, up to a capacity. What finds no room is refused or waits; nothing is held
 * that was not counted before. Safe for use by several threads.
 */
final class Room {
    private final long capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private long used;
    private int waiting;
    private boolean closed;

    Room(long capacity) {
        this.capacity = capacity;
    }

    long capacity() {
        return capacity;
    }

    /** {@return how many bytes are counted} */
    long used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    /** {@return how many threads wait} */
    int waiting() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    /** {@return whether there was room; the bytes are counted then} */
    boolean tryTake(long bytes) {
        return tryTake(bytes, capacity);
    }

    /** {@return whether all bytes together stay within a limit below the capacity; they are counted then} */
    boolean tryTake(long bytes, long limit) {
        lock.lock();
        try {
            if (used + bytes > limit) {
                return false;
            }
            used += bytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for room and takes it.
     *
     * @param bytes at most the capacity
     * @throws InterruptedException if the thread is interrupted first; nothing is counted then
     */
    void take(long bytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            await(bytes);
            used += bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for room and takes it, or until {@link #close}. */
    void takeUninterruptibly(long bytes) {
        lock.lock();
        try {
            waiting++;
            while (!closed && used + bytes > capacity) {
                freed.awaitUninterruptibly();
            }
            waiting--;
            used += bytes;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there is room, and does not take it.
     *
     * @param bytes at most the capacity
     * @throws InterruptedException if the thread is interrupted first
     */
    void awaitRoomFor(long bytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            await(bytes);
        } finally {
            lock.unlock();
        }
    }

    private void await(long bytes) throws InterruptedException {
        waiting++;
        try {
            while (!closed && used + bytes > capacity) {
                freed.await();
            }
        } finally {
            waiting--;
        }
    }

    /** Gives bytes back. */
    void give(long bytes) {
        if (bytes == 0) {
            return;
        }
        lock.lock();
        try {
            used -= bytes;
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets everybody go who waits: the connection has ended. */
    void close() {
        lock.lock();
        try {
            closed = true;
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
