package org.innerkeep.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.session.AttestedSession;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.evidence.Claims;

/**
 * A remote party's attested session with an enclave. It exists only after the enclave proved, by fresh evidence bound to this very
 * session, to be one that the client trusts. Safe for use by several threads.
 */
public final class Client implements AutoCloseable {
    /** How long a call may take unless {@link #bind(Class, Duration)} says otherwise. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);

    static final Duration HANDSHAKE_DEADLINE = Duration.ofSeconds(30);

    private final AttestedSession session;
    private final CallPeer calls;

    private Client(AttestedSession session) {
        this.session = session;
        this.calls = CallPeer.over(session.input(), session.output(), Disclosure.TO_CLIENT)
                .remote("enclave")
                .ownThread()
                .start();
    }

    /**
     * Connects through an enclave's host and appraises the enclave.
     *
     * @param address where the host listens
     * @param trust which enclaves are trusted
     * @return the session
     * @throws SessionRefusedException if the enclave is not one of them; nothing was sent to it
     * @throws IOException if the connection fails
     */
    public static Client connect(InetSocketAddress address, Trust trust) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return new Client(AttestedSession.connect(channel, trust.inSession(), new SecureRandom(), HANDSHAKE_DEADLINE));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** {@return what the enclave proved in this session} */
    public Claims claims() {
        return session.claims();
    }

    /**
     * What both ends of this session know and no other session has. Sign it to authenticate to the enclave.
     *
     * @return 32 bytes, a new array
     */
    public byte[] binding() {
        return session.binding();
    }

    /**
     * An interface that the enclave offers to clients.
     *
     * @param service the interface
     * @param <T> the interface
     * @return a proxy whose calls may take {@link #DEFAULT_DEADLINE}
     */
    public <T> T bind(Class<T> service) {
        return bind(service, DEFAULT_DEADLINE);
    }

    /**
     * An interface that the enclave offers to clients.
     *
     * @param service the interface
     * @param deadline how long each call may take
     * @param <T> the interface
     * @return a proxy; its calls throw {@link org.innerkeep.channel.call.CallException}
     */
    public <T> T bind(Class<T> service, Duration deadline) {
        return calls.bind(service, deadline);
    }

    /** Ends the session. */
    @Override
    public void close() {
        calls.close();
        try {
            session.close();
        } catch (IOException e) {
            // The session has ended either way; the enclave notices by its own end of it.
        }
    }
}
