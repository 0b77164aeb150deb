package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Stands between a client and a server that speak without TLS, and writes down what either says. */
final class Tap implements AutoCloseable {
    private final ServerSocket listener;
    private final int server;
    private final Path file;

    Tap(int server, Path file) throws IOException {
        this.listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        this.server = server;
        this.file = Files.createFile(file);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket behind = new Socket(InetAddress.getLoopbackAddress(), server);
                Thread.ofVirtual().start(() -> pass(client, behind));
                Thread.ofVirtual().start(() -> pass(behind, client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] buffer = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                synchronized (this) {
                    try (OutputStream kept = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
                        kept.write(buffer, 0, count);
                    }
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // One of the two has gone; so does the other.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
