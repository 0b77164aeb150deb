package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;

/** One client's connection, carried to an enclave, or to wherever the host wants. */
final class Carried {
    private final HostileHost host;
    private final SessionRelay relay;
    private final int number;
    private final SocketChannel client;
    private final Lane in;
    private final Lane out;
    private final Patience patience;
    private volatile SocketChannel enclave;
    private volatile boolean ended;

    Carried(HostileHost host, SessionRelay relay, int number, SocketChannel client, SocketChannel enclave) {
        this.host = host;
        this.relay = relay;
        this.number = number;
        this.client = client;
        this.enclave = enclave;
        this.patience = new Patience(host.watch(), () -> true, this::letGo);
        this.in = new Lane(this, Place.RECORD_IN, host.journal(), host.seen());
        this.out = new Lane(this, Place.RECORD_OUT, host.journal(), host.seen());
    }

    int number() {
        return number;
    }

    Patience patience() {
        return patience;
    }

    Lane lane(Place place) {
        return place == Place.RECORD_IN ? in : out;
    }

    boolean isOpen() {
        return !ended;
    }

    /** Carries both directions until both have ended. */
    void serve() throws InterruptedException {
        Thread inward = Thread.ofVirtual().name("hostile-in").start(() -> run(in, client));
        run(out, enclave);
        inward.join();
        close();
    }

    private void run(Lane lane, SocketChannel from) {
        try {
            lane.carry(from);
        } catch (IOException e) {
            if (isCurrent(lane, from)) {
                close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
        }
    }

    private boolean isCurrent(Lane lane, SocketChannel from) {
        return lane == in || from.equals(enclave);
    }

    SocketChannel sink(Place place) {
        return place == Place.RECORD_IN ? enclave : client;
    }

    /** The sender of a lane has ended: so its receiver learns, unless the receiver has another sender by now. */
    void endOf(Lane lane, SocketChannel from) throws IOException {
        if (isCurrent(lane, from)) {
            sink(lane.place()).shutdownOutput();
        }
    }

    Optional<byte[]> earlierRecord(Place place, int choice) {
        List<byte[]> all = relay.before(number).stream()
                .flatMap(earlier -> earlier.lane(place).records().stream())
                .toList();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(choice % all.size()));
    }

    Optional<Lane> otherOpenLane(Place place, int choice) {
        List<Lane> open = relay.others(this).stream()
                .filter(Carried::isOpen)
                .map(other -> other.lane(place))
                .toList();
        return open.isEmpty() ? Optional.empty() : Optional.of(open.get(choice % open.size()));
    }

    /** {@return whether the record still goes on} */
    boolean act(Step step) throws IOException {
        switch (step.move()) {
            case CUT_CONNECTION -> {
                host.journal().took(step);
                close();
                return false;
            }
            case RECONNECT -> {
                Optional<SocketChannel> other = host.second().flatMap(Carried::openSession);
                if (other.isPresent()) {
                    host.journal().took(step);
                    reconnect(other.get());
                    patience.doubt();
                }
                return true;
            }
            case KILL, RESTART -> {
                host.live(step);
                return true;
            }
            default -> {
                return true;
            }
        }
    }

    /** Empty where the second enclave has ended meanwhile, by another move. */
    private static Optional<SocketChannel> openSession(Instance instance) {
        try {
            return Optional.of(instance.session());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void reconnect(SocketChannel other) throws IOException {
        SocketChannel before = enclave;
        enclave = other;
        before.close();
        Thread.ofVirtual().name("hostile-out").start(() -> run(out, other));
        if (ended) {
            other.close();
        }
    }

    private void letGo() {
        try {
            if (in.holds() || out.holds()) {
                in.releaseHeld();
                out.releaseHeld();
                return;
            }
        } catch (IOException e) {
            // It ends now either way.
        }
        close();
    }

    void close() {
        ended = true;
        patience.end();
        Quietly.close(client);
        Quietly.close(enclave);
    }
}
