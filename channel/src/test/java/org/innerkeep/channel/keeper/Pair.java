package org.innerkeep.channel.keeper;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A listening Unix-domain socket; connections wait in its queue until they are accepted. */
final class Pair implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final Path folder;

    private Pair(ServerSocketChannel listener, Path folder) {
        this.listener = listener;
        this.folder = folder;
    }

    static Pair listen() throws IOException {
        Path folder = Files.createTempDirectory("boundary");
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(folder.resolve("socket")));
        return new Pair(listener, folder);
    }

    UnixDomainSocketAddress address() {
        return UnixDomainSocketAddress.of(folder.resolve("socket"));
    }

    SocketChannel accept() throws IOException {
        return listener.accept();
    }

    /** What {@link Boundary#accept} says to these bytes, of which nothing follows. */
    Boundary.Kind accept(byte[] bytes, byte[] token) throws IOException {
        try (SocketChannel client = SocketChannel.open(address());
                SocketChannel server = accept()) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                client.write(buffer);
            }
            client.shutdownOutput();
            return Boundary.accept(server, token);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        Files.deleteIfExists(folder.resolve("socket"));
        Files.deleteIfExists(folder);
    }
}
