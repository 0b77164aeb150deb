package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** A started enclave as its host has it: two kinds of connections, and its life. */
public interface HostedEnclave extends AutoCloseable {
    /**
     * Opens the connection for typed calls.
     *
     * @return the connection, in blocking mode, its preamble sent
     * @throws IOException if the enclave cannot be reached
     */
    SocketChannel calls() throws IOException;

    /**
     * Opens a connection for one client's session.
     *
     * @return the connection, in blocking mode, its preamble sent
     * @throws IOException if the enclave cannot be reached
     */
    SocketChannel session() throws IOException;

    /** Ends the enclave. May be called more than once. */
    @Override
    void close();
}
