package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way for the host's own clients to one enclave, past everything that is counted. */
final class DirectDoor implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final Instance enclave;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private DirectDoor(ServerSocketChannel listener, Instance enclave) {
        this.listener = listener;
        this.enclave = enclave;
    }

    static DirectDoor to(Instance enclave) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        DirectDoor door = new DirectDoor(listener, enclave);
        Thread.ofVirtual().name("hostile-door").start(door::accept);
        return door;
    }

    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) listener.getLocalAddress();
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel client = listener.accept();
                open.add(client);
                SocketChannel inside;
                try {
                    inside = enclave.session();
                } catch (IOException e) {
                    // The enclave is gone: who came for it must not wait for it.
                    Quietly.close(client);
                    continue;
                }
                open.add(inside);
                Thread.ofVirtual().name("hostile-door-in").start(() -> pump(client, inside));
                Thread.ofVirtual().name("hostile-door-out").start(() -> pump(inside, client));
            } catch (IOException e) {
                // Closed.
            }
        }
    }

    private static void pump(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 14);
        try {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            Quietly.close(from);
            Quietly.close(to);
        }
    }

    @Override
    public void close() {
        Quietly.close(listener);
        open.forEach(Quietly::close);
    }
}
