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

    /**
     * {@return whether its program runs in this process} Then, if clients do so too, a hostile host sees by the threads of the
     * process whether anything is at work, and needs no time limit to tell waiting in vain from work.
     */
    default boolean inThisProcess() {
        return false;
    }

    /** Ends the enclave. May be called more than once. */
    @Override
    void close();
}
