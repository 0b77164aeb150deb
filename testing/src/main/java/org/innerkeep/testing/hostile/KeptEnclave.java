package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.keeper.KeeperService;
import org.innerkeep.channel.keeper.KeeperService.StartedEnclave;
import org.innerkeep.channel.keeper.StartRefusedException;

/** An enclave that was started by whoever listens at a keeper's socket: a keeper with a real process, or a mock of one. */
public final class KeptEnclave implements HostedEnclave {
    private static final Duration START_DEADLINE = Duration.ofMinutes(2);

    private final CallPeer keeper;
    private final StartedEnclave started;
    private final AutoCloseable more;

    private KeptEnclave(CallPeer keeper, StartedEnclave started, AutoCloseable more) {
        this.keeper = keeper;
        this.started = started;
        this.more = more;
    }

    /**
     * Starts an enclave.
     *
     * @param keeperSocket the keeper's Unix-domain socket
     * @param bundle the bundle's bytes; of no importance to a mock
     * @param size how many they are
     * @param more closed when the enclave is, such as a mock keeper that serves this enclave alone
     * @return the enclave, waiting at its boundary
     * @throws IOException if the keeper refuses or cannot be reached
     */
    public static KeptEnclave start(Path keeperSocket, InputStream bundle, long size, AutoCloseable more)
            throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(keeperSocket));
        CallPeer keeper = CallPeer.over(
                        Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_CLIENT)
                .remote("keeper")
                .start();
        try {
            KeeperService service = keeper.bind(KeeperService.class, START_DEADLINE);
            service.upload(size);
            byte[] chunk = bundle.readNBytes(KeeperService.MAX_CHUNK_BYTES);
            while (chunk.length > 0) {
                service.append(chunk);
                chunk = bundle.readNBytes(KeeperService.MAX_CHUNK_BYTES);
            }
            return new KeptEnclave(keeper, service.start(), more);
        } catch (StartRefusedException | CallException e) {
            keeper.close();
            throw new IOException("the enclave was not started: " + e.getMessage(), e);
        }
    }

    private SocketChannel open(Boundary.Kind kind) throws IOException {
        return Boundary.connect(UnixDomainSocketAddress.of(Path.of(started.boundary())), kind, started.token());
    }

    @Override
    public SocketChannel calls() throws IOException {
        return open(Boundary.Kind.CALLS);
    }

    @Override
    public SocketChannel session() throws IOException {
        return open(Boundary.Kind.SESSION);
    }

    @Override
    public void close() {
        keeper.close();
        try {
            more.close();
        } catch (Exception e) {
            throw new IllegalStateException("what belongs to the enclave could not be closed", e);
        }
    }
}
