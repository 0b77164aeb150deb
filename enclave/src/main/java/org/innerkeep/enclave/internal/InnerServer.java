package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.innerkeep.channel.session.ClientConnection;

/**
 * A program's own server, on the loopback address of the enclave's own network: gets what ordinary clients send, decrypted.
 *
 * @param address where it listens
 */
record InnerServer(InetSocketAddress address) {
    private static final int BUFFER_BYTES = 1 << 14;
    private static final int CONNECT_MILLIS = 5_000;

    /** How long the other direction may go on after one has ended: time to read the last bytes, not to keep a place. */
    private static final Duration LINGER = Duration.ofSeconds(30);

    static InnerServer at(int port) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("a port is from 1 to 65535, not " + port);
        }
        return new InnerServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** Carries one client's bytes to the server and back, until either ends its side for good. */
    void serve(ClientConnection.Ordinary client) throws IOException {
        try (Socket server = new Socket()) {
            server.setTcpNoDelay(true);
            server.connect(address, CONNECT_MILLIS);
            Thread up = Thread.ofVirtual().name("innerkeep-to-server").start(() -> {
                try {
                    copy(client.input(), server.getOutputStream());
                    server.shutdownOutput();
                } catch (IOException e) {
                    // A client that was cut off must not look to the server like one that said all it had to say.
                    abort(server);
                }
            });
            try {
                copy(server.getInputStream(), client.output());
                client.output().close();
                boolean _ = up.join(LINGER);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void abort(Socket server) {
        try {
            server.setSoLinger(true, 0);
            server.close();
        } catch (IOException e) {
            // It is closed either way.
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            to.write(buffer, 0, count);
            to.flush();
        }
    }
}
