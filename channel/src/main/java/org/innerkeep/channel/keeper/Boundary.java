package org.innerkeep.channel.keeper;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.time.Duration;
import org.innerkeep.channel.internal.Deadline;

/**
 * The preamble of a connection to an enclave or from an enclave to its keeper: one byte for its kind, then a 32-byte
 * token.
 */
public final class Boundary {
    /** The number of bytes of a token. */
    public static final int TOKEN_BYTES = 32;

    /** The boundary's socket, relative to the enclave's working directory. */
    public static final String SOCKET = "io/boundary";

    /** The memory that enclave and host share for calls, where there is any: a file or a link to one, beside the folder of the boundary. */
    public static final String CALLS_MEMORY = "calls";

    /** The keeper's socket for this enclave, relative to the enclave's working directory. */
    public static final String KEEPER_SOCKET = "keeper";

    /** What a connection is for. */
    public enum Kind {
        /** Typed calls between host and enclave. */
        CALLS(1),
        /** One client's session, end to end. */
        SESSION(2),
        /** Typed calls between an enclave and its keeper. */
        PLATFORM(3);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }
    }

    private static final Duration PREAMBLE_LIMIT = Duration.ofSeconds(5);

    private Boundary() {}

    /**
     * Connects and sends the preamble.
     *
     * @param address the Unix-domain socket
     * @param kind what the connection is for
     * @param token 32 bytes
     * @return the connection, in blocking mode
     * @throws IOException if nobody listens there
     */
    public static SocketChannel connect(UnixDomainSocketAddress address, Kind kind, byte[] token) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        try {
            ByteBuffer preamble = ByteBuffer.allocate(1 + TOKEN_BYTES).put(kind.code).put(token).flip();
            while (preamble.hasRemaining()) {
                channel.write(preamble);
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Reads a preamble and checks the token in constant time. Whoever has not sent it within five seconds is
     * cut off.
     *
     * @param channel a connection just accepted
     * @param token the token that is wanted, 32 bytes
     * @return what the connection is for
     * @throws IOException if the preamble is cut short, late, of an unknown kind, or has another token
     */
    public static Kind accept(SocketChannel channel, byte[] token) throws IOException {
        return accept(channel, token, PREAMBLE_LIMIT);
    }

    static Kind accept(SocketChannel channel, byte[] token, Duration limit) throws IOException {
        ByteBuffer preamble = ByteBuffer.allocate(1 + TOKEN_BYTES);
        try (Deadline deadline = Deadline.start(limit, channel)) {
            try {
                while (preamble.hasRemaining()) {
                    if (channel.read(preamble) < 0) {
                        throw new EOFException("the connection ended within its preamble");
                    }
                }
            } catch (ClosedChannelException e) {
                throw deadline.missed() ? deadline.timeout("the preamble did not come", e) : e;
            }
            if (!deadline.meet()) {
                throw deadline.timeout("the preamble did not come", new ClosedChannelException());
            }
        }
        byte[] shown = new byte[TOKEN_BYTES];
        preamble.get(1, shown);
        if (!MessageDigest.isEqual(shown, token)) {
            throw new IOException("the connection shows another token than the one handed out");
        }
        for (Kind kind : Kind.values()) {
            if (kind.code == preamble.get(0)) {
                return kind;
            }
        }
        throw new IOException("the connection is of unknown kind " + preamble.get(0));
    }
}
