package org.innerkeep.host;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.call.HostVisible;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.keeper.KeeperService.StartedEnclave;
import org.innerkeep.channel.keeper.RuntimeService;
import org.innerkeep.channel.profile.EnclaveFigures;
import org.innerkeep.channel.ring.Ring;

/**
 * A running enclave, seen from its host. When it or its keeper ends, every waiting call fails at once with
 * {@link CallException} {@code DISCONNECTED}. Safe for use by several threads.
 *
 * <p>Where the environment of this process has {@value EnclaveFigures#FOLDER_VARIABLE}, the path of a folder, calls are measured, and their
 * figures are written to a file there, {@link EnclaveFigures}, some times a second and when this is closed or the process ends.
 */
public final class Enclave implements AutoCloseable {
    /** How long a call may take unless {@link #bind(Class, Duration)} says otherwise. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);

    private static final System.Logger LOG = System.getLogger(Enclave.class.getName());

    private static final Duration PROGRAM_START_DEADLINE = Duration.ofMinutes(2);

    private final CallPeer keeper;
    private final CallPeer calls;
    private final StartedEnclave started;
    private final Traffic traffic = new Traffic();
    private final Optional<Profiling> profiling;
    private final List<Relay> relays = new CopyOnWriteArrayList<>();

    private Enclave(CallPeer keeper, CallPeer calls, StartedEnclave started, Optional<Profiling> profiling) {
        this.keeper = keeper;
        this.calls = calls;
        this.started = started;
        this.profiling = profiling;
        profiling.ifPresent(each -> each.start(calls, traffic));
        // The keeper holds the enclave's life: when it is gone, the enclave is gone.
        var _ = keeper.closed().whenComplete((done, failure) -> calls.close());
    }

    static Enclave connect(CallPeer keeper, StartedEnclave started, Map<Class<?>, Object> offers) throws IOException {
        // Before the connection, since the enclave's program starts with that, and may call at once.
        Optional<Ring> ring = ring(started);
        SocketChannel channel = open(started, Boundary.Kind.CALLS);
        CallPeer.Builder builder = CallPeer.over(
                        Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_CLIENT)
                .remote("enclave");
        Optional<Profiling> profiling = Profiling.ofEnvironment(HexFormat.of().formatHex(started.enclaveId()));
        profiling.ifPresent(each -> builder.observer(each.observer()));
        ring.ifPresent(builder::ring);
        offers.forEach((service, implementation) -> offer(builder, service, implementation));
        CallPeer calls = builder.start();
        try {
            Optional<String> failure =
                    calls.bind(RuntimeService.class, PROGRAM_START_DEADLINE).awaitStart();
            if (failure.isPresent()) {
                throw new StartException("the enclave's program failed to start with " + failure.get()
                        + "; run a debug build of it to see the message");
            }
        } catch (CallException | StartException e) {
            calls.close();
            throw e instanceof StartException start
                    ? start
                    : new StartException("the enclave ended while its program started: " + e.getMessage(), e);
        }
        return new Enclave(keeper, calls, started, profiling);
    }

    private static <T> void offer(CallPeer.Builder peer, Class<T> service, Object implementation) {
        if (!service.isAnnotationPresent(HostVisible.class)) {
            throw new IllegalArgumentException(service.getName() + " is not marked @HostVisible");
        }
        peer.offer(service, service.cast(implementation));
    }

    /** What the keeper made for calls; without it they go over the connection, slower. */
    private static Optional<Ring> ring(StartedEnclave started) {
        Path file = Objects.requireNonNull(Path.of(started.boundary()).getParent()).resolveSibling(Boundary.CALLS_MEMORY);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Ring.map(file, Ring.Side.HOST);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "calls go over a socket, for their memory cannot be opened: {0}", e.getMessage());
            return Optional.empty();
        }
    }

    private static SocketChannel open(StartedEnclave started, Boundary.Kind kind) throws IOException {
        return Boundary.connect(UnixDomainSocketAddress.of(Path.of(started.boundary())), kind, started.token());
    }

    /** {@return the id that the enclave's reports carry, 32 hexadecimal digits} */
    public String id() {
        return HexFormat.of().formatHex(started.enclaveId());
    }

    /**
     * An interface that the enclave offers to its host.
     *
     * @param service an interface marked {@link HostVisible}
     * @param <T> the interface
     * @return a proxy whose calls may take {@link #DEFAULT_DEADLINE}
     */
    public <T> T bind(Class<T> service) {
        return bind(service, DEFAULT_DEADLINE);
    }

    /**
     * An interface that the enclave offers to its host.
     *
     * @param service an interface marked {@link HostVisible}
     * @param deadline how long each call may take
     * @param <T> the interface
     * @return a proxy; its calls throw {@link CallException}
     */
    public <T> T bind(Class<T> service, Duration deadline) {
        return calls.bind(service, deadline);
    }

    /**
     * Lets remote clients reach the enclave: carries the bytes of each connection to a session inside. What is carried is
     * the enclave's own TLS, which the host cannot read.
     *
     * @param address where to listen; port 0 takes a free one. Name an address of a network that clients come from.
     * @return the address listened at
     * @throws IOException if the address cannot be listened at
     */
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        Relay relay = Relay.listen(address, () -> open(started, Boundary.Kind.SESSION), traffic);
        relays.add(relay);
        return relay.address();
    }

    /**
     * The program's counters.
     *
     * @return their values by name
     * @throws CallException if the enclave does not answer
     */
    public Map<String, Long> counters() {
        return calls.bind(RuntimeService.class, DEFAULT_DEADLINE).counters();
    }

    /**
     * Fetches what the program has logged since the last time. It is sealed to whom the program names: store it, and give it to them.
     *
     * @return an age file; empty if there is nothing
     * @throws CallException if the enclave does not answer
     */
    public Optional<byte[]> takeLog() {
        return calls.bind(RuntimeService.class, DEFAULT_DEADLINE).takeLog();
    }

    /** {@return completes when the enclave has ended, however it ended} */
    public CompletionStage<Void> ended() {
        return calls.closed().thenAccept(reason -> {});
    }

    /** Ends the enclave and stops listening. */
    @Override
    public void close() {
        // Asks the enclave a last time, so before anything of it is gone.
        profiling.ifPresent(Profiling::close);
        relays.forEach(Relay::close);
        calls.close();
        keeper.close();
    }
}
