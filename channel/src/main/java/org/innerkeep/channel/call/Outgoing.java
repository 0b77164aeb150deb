package org.innerkeep.channel.call;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A call of this side that waits for its answer. One thread waits, any thread answers. */
final class Outgoing implements BooleanSupplier {
    /** How a call ended, as seen by the thread that reads; the waiting thread decodes the answer itself. */
    sealed interface Outcome {
        /**
         * An answer.
         *
         * @param kind VALUE, DECLARED or FAILURE
         * @param frame what comes after the id
         */
        record Answer(Frame.Kind kind, Input frame) implements Outcome {}

        /**
         * The end of the connection.
         *
         * @param reason why it ended
         */
        record Ended(CallException reason) implements Outcome {}
    }

    private final Thread waiter = Thread.currentThread();
    private final int maxAnswerBytes;
    private volatile @Nullable Outcome outcome;

    Outgoing(int maxAnswerBytes) {
        this.maxAnswerBytes = maxAnswerBytes;
    }

    /** {@return the largest frame that can be its answer} */
    int maxAnswerBytes() {
        return maxAnswerBytes;
    }

    void complete(Outcome result) {
        outcome = result;
        LockSupport.unpark(waiter);
    }

    /** {@return whether it is over} */
    @Override
    public boolean getAsBoolean() {
        return outcome != null;
    }

    /**
     * Waits.
     *
     * @param deadlineNanos a value of {@link System#nanoTime()}
     * @return the outcome, or null if the deadline passed first
     * @throws InterruptedException if the thread is interrupted first
     */
    @Nullable Outcome await(long deadlineNanos) throws InterruptedException {
        while (true) {
            Outcome found = outcome;
            if (found != null) {
                return found;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long left = deadlineNanos - System.nanoTime();
            if (left <= 0) {
                return null;
            }
            LockSupport.parkNanos(this, left);
        }
    }
}
