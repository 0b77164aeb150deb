package org.innerkeep.examples.hospitals.outside;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The operator's own tap: carries clients' bytes to the enclave and back, and keeps a copy of every one of them. */
final class RecordingRelay {
    private RecordingRelay() {}

    /** Listens in front of an address for as long as the process lives. */
    static InetSocketAddress before(InetSocketAddress enclave, Path record) throws IOException {
        ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        OutputStream copy = Files.newOutputStream(record, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        Thread.ofVirtual().start(() -> {
            while (true) {
                try {
                    Socket client = listener.accept();
                    Socket inside = new Socket(enclave.getAddress(), enclave.getPort());
                    client.setTcpNoDelay(true);
                    inside.setTcpNoDelay(true);
                    Thread.ofVirtual().start(() -> pump(client, inside, copy));
                    Thread.ofVirtual().start(() -> pump(inside, client, copy));
                } catch (IOException e) {
                    return;
                }
            }
        });
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private static void pump(Socket from, Socket to, OutputStream copy) {
        byte[] buffer = new byte[16 << 10];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                synchronized (copy) {
                    copy.write(buffer, 0, count);
                    copy.flush();
                }
                to.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException e) {
            // Both sockets are closed; the client sees its connection end.
        }
    }
}
