package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.RuntimeService;

/** One enclave that the host has started, with its connection for typed calls. */
final class Instance implements Operation, AutoCloseable {
    /** So long that no machine is too slow for a call; waiting in vain ends by {@link Watch}. */
    private static final Duration CALL_LIMIT = Duration.ofMinutes(1);

    private final HostileHost host;
    private final HostedEnclave enclave;
    private final CallPeer peer;
    private final Patience patience;
    private final AtomicInteger waiting;
    private final Optional<Step> origin;
    private final Map<Class<?>, Object> bindings = new ConcurrentHashMap<>();

    private Instance(
            HostileHost host,
            HostedEnclave enclave,
            CallPeer peer,
            Patience patience,
            AtomicInteger waiting,
            Optional<Step> origin) {
        this.waiting = waiting;
        this.origin = origin;
        this.host = host;
        this.enclave = enclave;
        this.peer = peer;
        this.patience = patience;
    }

    /** Connects to an enclave that was just started and waits until its program has started. */
    static Instance open(HostileHost host, HostedEnclave enclave, Offers offers, Optional<Step> origin) throws IOException {
        SocketChannel channel;
        try {
            channel = enclave.calls();
        } catch (IOException e) {
            enclave.close();
            throw e;
        }
        AtomicInteger waiting = new AtomicInteger();
        FrameMeddler[] out = new FrameMeddler[1];
        Patience patience = new Patience(
                host.watch(), () -> waiting.get() > 0 || out[0].withheldAnAnswer(), () -> letGo(out[0], channel));
        out[0] = new FrameMeddler(Channels.newOutputStream(channel), host.journal(), host.seen(), patience);
        CallPeer.Builder builder = CallPeer.over(
                        new SeenInput(Channels.newInputStream(channel), host.seen(), patience), out[0], Disclosure.TO_CLIENT)
                .remote("enclave");
        offers.to(builder, host);
        Instance instance = new Instance(host, enclave, builder.start(), patience, waiting, origin);
        instance.waiting(1);
        try {
            Optional<String> failure = instance.direct(RuntimeService.class).awaitStart();
            if (failure.isPresent()) {
                throw new IOException("the enclave's program failed to start with " + failure.get());
            }
            return instance;
        } catch (IOException | CallException e) {
            instance.close();
            throw e;
        } finally {
            instance.waiting(-1);
        }
    }

    /** Counts calls of the host that wait for an answer. */
    void waiting(int more) {
        waiting.addAndGet(more);
    }

    /** The far end waits for something that a move kept back: it gets it, or the end. */
    private static void letGo(FrameMeddler out, SocketChannel channel) {
        try {
            if (out.release()) {
                return;
            }
        } catch (IOException e) {
            // It ends now either way.
        }
        Quietly.close(channel);
    }

    /** The enclave's interface, with nothing between but frames. */
    <T> T direct(Class<T> service) {
        return service.cast(bindings.computeIfAbsent(service, each -> peer.bind(service, CALL_LIMIT)));
    }

    /** {@return the step that started it, if it is not the agreed one} */
    Optional<Step> origin() {
        return origin;
    }

    SocketChannel session() throws IOException {
        return enclave.session();
    }

    @Override
    public <T> T bind(Class<T> service) {
        return CallMeddler.bind(host, service, () -> this);
    }

    @Override
    public Storage storage() {
        return host.storage();
    }

    /** The same without moves of calls. */
    Operation unmeddled() {
        return new Operation() {
            @Override
            public <T> T bind(Class<T> service) {
                return direct(service);
            }

            @Override
            public Storage storage() {
                return host.storage();
            }
        };
    }

    @Override
    public void close() {
        patience.end();
        peer.close();
        enclave.close();
    }
}
