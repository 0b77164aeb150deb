package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Listens for clients on the loopback address. Moves of whole connections are made here. */
final class SessionRelay implements AutoCloseable {
    private final HostileHost host;
    private final ServerSocketChannel listener;
    private final List<Carried> connections = new ArrayList<>();

    private SessionRelay(HostileHost host, ServerSocketChannel listener) {
        this.host = host;
        this.listener = listener;
    }

    static SessionRelay open(HostileHost host) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SessionRelay relay = new SessionRelay(host, listener);
        Thread.ofVirtual().name("hostile-relay").start(relay::accept);
        return relay;
    }

    InetSocketAddress address() {
        try {
            return (InetSocketAddress) listener.getLocalAddress();
        } catch (IOException e) {
            throw new IllegalStateException("the relay is closed", e);
        }
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel client = listener.accept();
                int number = host.journal().connection();
                Thread.ofVirtual().name("hostile-connection").start(() -> serve(client, number));
            } catch (IOException e) {
                // Closed, or one connection failed before it began.
            }
        }
    }

    private void serve(SocketChannel client, int number) {
        try (client) {
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            Optional<SocketChannel> enclave = target(client, number);
            if (enclave.isEmpty()) {
                return;
            }
            Carried carried = new Carried(host, this, number, client, enclave.get());
            synchronized (this) {
                connections.add(carried);
            }
            if (!listener.isOpen()) {
                carried.close();
            }
            carried.serve();
        } catch (IOException e) {
            // The client sees its connection end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return where a client's bytes go; empty if nowhere} */
    private Optional<SocketChannel> target(SocketChannel client, int number) throws IOException {
        Optional<Instance> instance = Optional.empty();
        for (Step step : host.journal().connectionSteps(number)) {
            switch (step.move()) {
                case DENY -> {
                    host.journal().took(step);
                    host.journal().met(step);
                    return Optional.empty();
                }
                case INTRUDE -> host.intrude(step);
                case REPLAY_CLIENT -> replayClient(step, number);
                case REPLAY_ENCLAVE -> {
                    if (replayEnclave(step, client, number)) {
                        return Optional.empty();
                    }
                }
                case FORK -> {
                    host.journal().took(step);
                    instance = host.second();
                    if (instance.isEmpty()) {
                        return Optional.empty();
                    }
                }
                default -> {
                    if (step.move().build().isPresent() && host.offers(step.move().build().get())) {
                        host.journal().took(step);
                        host.journal().met(step);
                        instance = host.variant(step.move().build().get());
                        if (instance.isEmpty()) {
                            // It refuses the state that it was given, so there is nothing to connect to.
                            return Optional.empty();
                        }
                    }
                }
            }
        }
        Instance chosen = instance.isPresent() ? instance.get() : host.primary();
        chosen.origin().ifPresent(host.journal()::met);
        return Optional.of(chosen.session());
    }

    private Optional<Carried> earlier(Step step, int number) {
        List<Carried> earlier = before(number).stream()
                .filter(each -> !each.lane(Place.RECORD_IN).records().isEmpty()
                        && !each.lane(Place.RECORD_OUT).records().isEmpty())
                .toList();
        return earlier.isEmpty() ? Optional.empty() : Optional.of(earlier.get(step.choice() % earlier.size()));
    }

    private void replayClient(Step step, int number) throws IOException {
        Optional<Carried> earlier = earlier(step, number);
        if (earlier.isEmpty()) {
            return;
        }
        host.journal().took(step);
        try (SocketChannel session = host.primary().session()) {
            for (byte[] record : earlier.get().lane(Place.RECORD_IN).records()) {
                write(session, record);
            }
            session.shutdownOutput();
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            while (session.read(answer.clear()) >= 0) {
                host.seen().add("answers to what was replayed", answer.array(), 0, answer.position());
            }
        } catch (IOException e) {
            // The enclave ended it, which is its right.
        }
    }

    private boolean replayEnclave(Step step, SocketChannel client, int number) throws IOException {
        Optional<Carried> earlier = earlier(step, number);
        if (earlier.isEmpty()) {
            return false;
        }
        host.journal().took(step);
        host.journal().met(step);
        for (byte[] record : earlier.get().lane(Place.RECORD_OUT).records()) {
            write(client, record);
        }
        client.shutdownOutput();
        ByteBuffer rest = ByteBuffer.allocate(1 << 16);
        while (client.read(rest.clear()) >= 0) {
            host.seen().add("what a client said to a recording", rest.array(), 0, rest.position());
        }
        return true;
    }

    private static void write(SocketChannel to, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }

    synchronized List<Carried> before(int number) {
        return connections.stream().filter(each -> each.number() < number).toList();
    }

    synchronized List<Carried> others(Carried one) {
        return connections.stream().filter(each -> each != one).toList();
    }

    @Override
    public void close() {
        Quietly.close(listener);
        List<Carried> all;
        synchronized (this) {
            all = List.copyOf(connections);
        }
        all.forEach(Carried::close);
    }
}
