package org.innerkeep.channel.internal;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Closes a channel unless it is met in time, which frees whoever waits on the channel. A blocking channel has no time
 * limit of its own. Exactly one of {@link #meet} and the closing happens.
 */
public final class Deadline implements AutoCloseable {
    private enum State {
        RUNNING,
        MET,
        MISSED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
    private final Duration limit;
    private final Thread watch;

    private Deadline(Duration limit, Channel channel) {
        this.limit = limit;
        this.watch = Thread.ofVirtual().name("deadline").unstarted(() -> watch(channel));
    }

    /**
     * Begins to watch.
     *
     * @param limit more than zero
     * @param channel closed if the limit passes first
     * @return to be met, or closed, which is the same
     * @throws IllegalArgumentException if the limit is not more than zero
     */
    public static Deadline start(Duration limit, Channel channel) {
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException("time limit: expected more than zero, found " + limit);
        }
        Deadline deadline = new Deadline(limit, channel);
        deadline.watch.start();
        return deadline;
    }

    private void watch(Channel channel) {
        try {
            Thread.sleep(limit);
        } catch (InterruptedException e) {
            return; // met
        }
        if (state.compareAndSet(State.RUNNING, State.MISSED)) {
            try {
                channel.close();
            } catch (IOException e) {
                // Whoever waits on the channel reports the failure; this thread has nobody to tell.
            }
        }
    }

    /** {@return whether it was met in time} From then on the channel stays open. */
    public boolean meet() {
        boolean met = state.compareAndSet(State.RUNNING, State.MET) || state.get() == State.MET;
        watch.interrupt();
        return met;
    }

    /** {@return whether the channel was, or is just being, closed} */
    public boolean missed() {
        return state.get() == State.MISSED;
    }

    /**
     * What to throw once it is missed.
     *
     * @param what who did not do what, for the message
     * @param consequence what the closing led to
     * @return the failure, not thrown
     */
    public SocketTimeoutException timeout(String what, Throwable consequence) {
        SocketTimeoutException timeout = new SocketTimeoutException(what + " within " + limit);
        timeout.initCause(consequence);
        return timeout;
    }

    /** Stops watching. */
    @Override
    public void close() {
        meet();
    }
}
