package org.innerkeep.channel.session;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Closes a channel unless it is met in time, which frees whoever waits on the channel. A blocking channel has no time
 * limit of its own. Exactly one of {@link #meet} and the closing happens.
 */
final class Deadline implements AutoCloseable {
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
        this.watch = Thread.ofVirtual().name("attested-session-deadline").unstarted(() -> watch(channel));
    }

    static Deadline start(Duration limit, Channel channel) {
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
    boolean meet() {
        boolean met = state.compareAndSet(State.RUNNING, State.MET) || state.get() == State.MET;
        watch.interrupt();
        return met;
    }

    boolean missed() {
        return state.get() == State.MISSED;
    }

    /** What to throw once it is missed. */
    SocketTimeoutException timeout(Throwable consequence) {
        SocketTimeoutException timeout = new SocketTimeoutException(
                "attested session: the peer did not finish the handshake within " + limit);
        timeout.initCause(consequence);
        return timeout;
    }

    /** Stops watching. */
    @Override
    public void close() {
        meet();
    }
}
