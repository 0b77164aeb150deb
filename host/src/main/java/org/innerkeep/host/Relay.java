package org.innerkeep.host;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;

/**
 * Listens for clients and carries each connection's bytes to the enclave and back, unread.
 *
 * <p>Each connection has two threads of the system, not virtual ones: a virtual thread that waits for bytes is woken by another thread
 * that was woken by the kernel, and a call through here would wait for that twice. {@link #MAX_CLIENTS} bounds them.
 */
final class Relay implements AutoCloseable {
    /** Opens a connection into the enclave for one client. */
    @FunctionalInterface
    interface Inside {
        SocketChannel open() throws IOException;
    }

    private static final int MAX_CLIENTS = 256;

    /** Room for a message of 64 KiB and what TLS adds, so that it is carried at once; twice for each client. */
    private static final int BUFFER_BYTES = 80 << 10;

    private static final long STACK_BYTES = 256 << 10;

    /** How long a client may stay after the enclave has ended its side: time to read the last bytes, not to keep a place. */
    private static final Duration LINGER = Duration.ofSeconds(10);

    private final ServerSocketChannel listener;
    private final Inside inside;
    private final Duration linger;
    private final Traffic traffic;
    private final Semaphore places = new Semaphore(MAX_CLIENTS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private Relay(ServerSocketChannel listener, Inside inside, Duration linger, Traffic traffic) {
        this.listener = listener;
        this.inside = inside;
        this.linger = linger;
        this.traffic = traffic;
    }

    static Relay listen(InetSocketAddress address, Inside inside, Traffic traffic) throws IOException {
        return listen(address, inside, LINGER, traffic);
    }

    static Relay listen(InetSocketAddress address, Inside inside, Duration linger, Traffic traffic) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(address);
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
        Relay relay = new Relay(listener, inside, linger, traffic);
        // Virtual: nothing listens any more as soon as the listener is closed, which a thread within the system's accept would delay.
        Thread.ofVirtual().name("innerkeep-relay").start(relay::accept);
        return relay;
    }

    private static Thread thread(String name, Runnable work) {
        // Small stacks, for there is little on them; and no reason for the host's program to stay.
        return Thread.ofPlatform().daemon().name(name).stackSize(STACK_BYTES).inheritInheritableThreadLocals(false).start(work);
    }

    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) listener.getLocalAddress();
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel client = listener.accept();
                if (places.tryAcquire()) {
                    start(client);
                } else {
                    client.close();
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // One connection failed before it began; the next may do better.
            }
        }
    }

    private void start(SocketChannel client) {
        try {
            thread("innerkeep-relay-outward", () -> serve(client));
        } catch (OutOfMemoryError e) {
            // The system has no thread left for it; those that are served go on, and the next may find one.
            closeQuietly(client);
            places.release();
        }
    }

    private void serve(SocketChannel client) {
        open.add(client);
        if (!listener.isOpen()) {
            // Closing may have gone through the connections before this one was among them.
            closeQuietly(client);
        }
        try (client;
                SocketChannel enclave = inside.open()) {
            open.add(enclave);
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            traffic.begun();
            try {
                Thread inward = thread("innerkeep-relay-inward", () -> pump(client, enclave, traffic::in));
                pump(enclave, client, traffic::out);
                // The enclave has said its last; a client that then stays silent must not keep its place for ever.
                inward.join(linger);
            } finally {
                traffic.ended();
                open.remove(enclave);
            }
        } catch (IOException e) {
            // The client sees its connection end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
            places.release();
        }
    }

    /** Carries one direction until it ends, then passes the end on; a failure ends both directions. */
    private static void pump(SocketChannel from, SocketChannel to, IntConsumer carried) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                carried.accept(buffer.remaining());
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
            to.shutdownOutput();
        } catch (IOException e) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It is of no further use either way.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            // No more connections come either way.
        }
        open.forEach(Relay::closeQuietly);
    }
}
