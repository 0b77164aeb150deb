package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.innerkeep.channel.call.CallLimits;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.keeper.EncryptedAnswers;
import org.innerkeep.channel.keeper.PlatformAnswers;
import org.innerkeep.channel.keeper.PlatformService;
import org.innerkeep.channel.keeper.PlatformService.Launch;
import org.innerkeep.channel.keeper.RuntimeService;
import org.innerkeep.channel.ring.Ring;
import org.innerkeep.channel.session.AttestedSession;
import org.innerkeep.channel.session.Attester;
import org.innerkeep.channel.session.ClientConnection;
import org.innerkeep.enclave.EnclaveProgram;
import org.jspecify.annotations.Nullable;

/**
 * An enclave between its platform and its host. The boundary is one socket: one connection of the host for typed calls,
 * and one for each client session, whose TLS ends here. The process of an enclave holds one and ends with it; tests hold
 * several in one process.
 */
public final class EnclaveRuntime implements AutoCloseable {
    /** The most connections that have not yet shown the host's token; each is cut off after a few seconds. */
    private static final int MAX_STRANGERS = 256;

    private static final Set<PosixFilePermission> FOR_ALL = PosixFilePermissions.fromString("rw-rw-rw-");
    private static final Duration PLATFORM_DEADLINE = Duration.ofSeconds(30);
    private static final Duration HANDSHAKE_DEADLINE = Duration.ofSeconds(30);

    private final PlatformService platform;
    private final Launch launch;
    private final Attester attester;
    private final SessionKeys keys;
    private final Context context;
    private final Optional<Profiler> profiler;
    private final Path boundary;
    private final Path callsMemory;
    private final Runnable hostLeft;
    private final CompletableFuture<Optional<String>> started = new CompletableFuture<>();
    private final Semaphore strangers = new Semaphore(MAX_STRANGERS);
    private final Semaphore sessions;
    private final CallLimits hostLimits;
    private final CallLimits clientLimits;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    private @Nullable CallPeer host;
    private @Nullable Ring ring;

    /**
     * Prepares an enclave: asks the platform what it is and makes its session key.
     *
     * @param platform vouches for the enclave
     * @param folder the enclave's own: with the boundary's socket, {@link Boundary#SOCKET}, and its native libraries
     * @param hostLeft called when the host's connection for calls has ended: without its host an enclave has no input, no output
     *     and no purpose
     * @param random makes the enclave's keys
     * @throws IOException if the platform gives no evidence
     */
    public EnclaveRuntime(PlatformService platform, Path folder, Runnable hostLeft, SecureRandom random) throws IOException {
        this.platform = platform;
        this.boundary = folder.resolve(Boundary.SOCKET);
        this.callsMemory = folder.resolve(Boundary.CALLS_MEMORY);
        this.hostLeft = hostLeft;
        this.launch = platform.launch();
        this.attester = PlatformDriver.attester(platform);
        this.keys = new SessionKeys(attester, random, InstantSource.system());
        long heapBytes = Runtime.getRuntime().maxMemory();
        this.sessions = new Semaphore(SessionBudget.sessions(heapBytes, launch.threads()));
        this.clientLimits = SessionBudget.limits(heapBytes, launch.threads());
        this.hostLimits = new CallLimits(
                CallLimits.DEFAULT.maxFrameBytes(),
                launch.threads(),
                CallLimits.DEFAULT.maxOutstandingCalls(),
                4L * CallLimits.DEFAULT.maxFrameBytes());
        this.profiler = launch.debug() ? Optional.of(new Profiler()) : Optional.empty();
        this.context = new Context(launch, folder, platform, attester, random);
    }

    /**
     * The keeper's side of an enclave's process, over the socket in its working directory.
     *
     * @param token shows the keeper that this is its enclave, 32 bytes
     * @param random makes the key pair to which the keeper encrypts what is secret
     * @return the platform
     * @throws IOException if the keeper cannot be reached
     */
    static PlatformService connect(byte[] token, SecureRandom random) throws IOException {
        SocketChannel keeper =
                Boundary.connect(UnixDomainSocketAddress.of(Boundary.KEEPER_SOCKET), Boundary.Kind.PLATFORM, token);
        PlatformAnswers answers = CallPeer.over(
                        Channels.newInputStream(keeper), Channels.newOutputStream(keeper), Disclosure.TO_CLIENT)
                .remote("keeper")
                .start()
                .bind(PlatformAnswers.class, PLATFORM_DEADLINE);
        return EncryptedAnswers.over(answers, random);
    }

    /** What is done between the runtime's start and the program's. */
    interface Lock {
        void close(Launch launch) throws IOException;
    }

    /**
     * Serves the boundary until {@link #close}, or for ever.
     *
     * @throws IOException if the boundary cannot be served
     */
    public void run() throws IOException {
        run(launched -> {});
    }

    /**
     * Serves as {@link #run()}, and gives up rights first.
     *
     * @param lock called when the boundary's socket is there, before the host is told and any code of the program is loaded
     */
    void run(Lock lock) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            keep(listener);
            listener.bind(UnixDomainSocketAddress.of(boundary));
            // The token decides who is the host; the folder above is closed to listing. Where the keeper confines, the socket is made
            // like this, and no mode can be changed.
            if (!Files.getPosixFilePermissions(boundary).equals(FOR_ALL)) {
                Files.setPosixFilePermissions(boundary, FOR_ALL);
            }
            // While files can still be opened for writing.
            share(memory());
            lock.close(launch);
            platform.waiting();
            while (!closed) {
                SocketChannel channel = listener.accept();
                if (strangers.tryAcquire()) {
                    Thread.ofVirtual().start(() -> welcome(channel));
                } else {
                    channel.close();
                }
            }
        } catch (ClosedChannelException e) {
            if (!closed) {
                throw e;
            }
        }
    }

    /** Its host may have made it unusable; then calls go over the connection, as where there is none. */
    private Optional<Ring> memory() {
        if (!Files.exists(callsMemory)) {
            return Optional.empty();
        }
        try {
            return Ring.map(callsMemory, Ring.Side.ENCLAVE);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private synchronized void share(Optional<Ring> mapped) {
        ring = mapped.orElse(null);
    }

    private void keep(Channel channel) throws IOException {
        open.add(channel);
        if (closed) {
            channel.close();
        }
    }

    private void welcome(SocketChannel channel) {
        try (channel) {
            keep(channel);
            Boundary.Kind kind;
            try {
                kind = Boundary.accept(channel, launch.hostToken());
            } finally {
                strangers.release();
            }
            switch (kind) {
                case CALLS -> serveHost(channel);
                case SESSION -> serveClient(channel);
                case PLATFORM -> throw new IOException("the keeper's connection does not come this way");
            }
        } catch (IOException | RuntimeException e) {
            // The other end learns that the connection ended; why is nobody's business outside.
        } finally {
            open.remove(channel);
        }
    }

    private void serveHost(SocketChannel channel) throws IOException {
        CallPeer peer;
        synchronized (this) {
            if (host != null) {
                throw new IOException("the host has its connection for calls already");
            }
            CallPeer.Builder builder = CallPeer.over(
                            Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_HOST)
                    .remote("host")
                    .limits(hostLimits)
                    .failures(failure -> context.telemetry().failed("the host", failure))
                    .offer(RuntimeService.class, new Told());
            profiler.ifPresent(each -> each.host(builder));
            if (ring != null) {
                builder.ring(ring);
            }
            peer = builder.start();
            host = peer;
        }
        startProgram(peer);
        peer.closed().join();
        hostLeft.run();
    }

    private void startProgram(CallPeer peer) {
        try {
            context.hostConnected(peer);
            EnclaveProgram program = Class.forName(launch.program())
                    .asSubclass(EnclaveProgram.class)
                    .getConstructor()
                    .newInstance();
            program.start(context);
            context.telemetry().close();
            started.complete(Optional.empty());
        } catch (Throwable e) {
            if (launch.debug()) {
                e.printStackTrace();
            }
            Throwable told = e instanceof java.lang.reflect.InvocationTargetException && e.getCause() != null ? e.getCause() : e;
            started.complete(Optional.of(told.getClass().getName()));
        }
    }

    private void serveClient(SocketChannel channel) throws IOException {
        if (started.join().isPresent()) {
            throw new IOException("the program did not start");
        }
        if (!sessions.tryAcquire()) {
            throw new IOException("as many sessions as the heap allows are open");
        }
        try {
            Optional<InnerServer> server = context.server();
            if (server.isEmpty()) {
                try (AttestedSession session = AttestedSession.accept(channel, keys.current(), attester, HANDSHAKE_DEADLINE)) {
                    serveCalls(session);
                }
                return;
            }
            try (ClientConnection client = ClientConnection.accept(channel, keys.current(), attester, HANDSHAKE_DEADLINE)) {
                switch (client) {
                    case ClientConnection.Session(AttestedSession session) -> serveCalls(session);
                    case ClientConnection.Ordinary ordinary -> server.get().serve(ordinary);
                }
            }
        } finally {
            sessions.release();
        }
    }

    private void serveCalls(AttestedSession session) {
        CallPeer.Builder builder = CallPeer.over(session.input(), session.output(), Disclosure.TO_CLIENT)
                .remote("client")
                .failures(failure -> context.telemetry().failed("a client", failure))
                .limits(clientLimits);
        profiler.ifPresent(each -> each.client(builder));
        context.offerTo(builder, session::binding);
        builder.start().closed().join();
    }

    /** What the host is told of every enclave. */
    private final class Told implements RuntimeService {
        @Override
        public Optional<String> awaitStart() {
            return started.join();
        }

        @Override
        public Map<String, Long> counters() {
            return context.telemetry().counts();
        }

        @Override
        public Optional<byte[]> takeLog() {
            return context.telemetry().takeLog();
        }
    }

    /** Ends every connection and stops serving. */
    @Override
    public void close() {
        closed = true;
        for (Channel channel : open) {
            try {
                channel.close();
            } catch (IOException e) {
                // It is of no more use either way.
            }
        }
    }
}
