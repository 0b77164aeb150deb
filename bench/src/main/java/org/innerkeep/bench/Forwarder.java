package org.innerkeep.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The peer of a host's relay: carries the bytes of TCP connections to another port and back, and nothing else. A thread of the
 * system for each direction, one buffer, no limits. Ends when its standard input does.
 */
public final class Forwarder {
    private static final int BUFFER_BYTES = 128 << 10;

    private Forwarder() {}

    /**
     * Listens.
     *
     * @param arguments the port to carry to
     * @throws IOException if listening fails
     */
    public static void main(String[] arguments) throws IOException {
        InetSocketAddress target =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        ServerSocketChannel listener = ServerSocketChannel.open().bind(Stage.anyPort());
        System.out.println("ready " + ((InetSocketAddress) listener.getLocalAddress()).getPort());
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    SocketChannel client = listener.accept();
                    SocketChannel server = SocketChannel.open(target);
                    client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    server.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    Thread.ofPlatform().daemon().start(() -> carry(client, server));
                    Thread.ofPlatform().daemon().start(() -> carry(server, client));
                }
            } catch (IOException e) {
                System.out.println(e);
                Runtime.getRuntime().halt(1);
            }
        });
        EchoProcess.untilInputEnds();
    }

    private static void carry(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try (from;
                to) {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            // One end has gone, which is how it ends.
        }
    }
}
