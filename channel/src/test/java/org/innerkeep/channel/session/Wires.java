package org.innerkeep.channel.session;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Connected sockets, and threads for the far end of them. */
final class Wires implements AutoCloseable {
    /** Two ends of one connection. */
    record Wire(SocketChannel client, SocketChannel enclave) {}

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<SocketChannel> open = new CopyOnWriteArrayList<>();

    Wire tcp() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return connect(server, server.getLocalAddress(), SocketChannel.open());
        }
    }

    Wire unix() throws IOException {
        Path folder = Files.createTempDirectory("wire");
        Path path = folder.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            SocketAddress address = UnixDomainSocketAddress.of(path);
            server.bind(address);
            return connect(server, address, SocketChannel.open(StandardProtocolFamily.UNIX));
        } finally {
            Files.deleteIfExists(path);
            Files.delete(folder);
        }
    }

    private Wire connect(ServerSocketChannel server, SocketAddress address, SocketChannel client) throws IOException {
        client.connect(address);
        Wire wire = new Wire(client, server.accept());
        open.add(wire.client());
        open.add(wire.enclave());
        return wire;
    }

    <T extends @Nullable Object> Future<T> run(Callable<T> task) {
        return threads.submit(task);
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel channel : open) {
            channel.close();
        }
        threads.close();
    }

    /** Passes bytes on, counts them, and changes one bit where told. */
    static final class Meddler implements ByteChannel {
        private final ByteChannel channel;
        private final AtomicInteger spoilAfter = new AtomicInteger(-1);
        private final AtomicLong sent = new AtomicLong();
        private final AtomicInteger writes = new AtomicInteger();
        private final CountDownLatch stuck = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);
        private volatile boolean holding;

        Meddler(ByteChannel channel) {
            this.channel = channel;
        }

        /** Flips a bit of the byte that comes after so many more. */
        void spoilAfter(int bytes) {
            spoilAfter.set(bytes);
        }

        /** From now on takes no bytes, as a peer does that has stopped to read. */
        void hold() {
            holding = true;
        }

        /** Waits until someone waits to write. */
        void awaitStuckWriter() throws InterruptedException {
            stuck.await();
        }

        /** How often it was called to write. */
        int writes() {
            return writes.get();
        }

        long sent() {
            return sent.get();
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            int start = target.position();
            int count = channel.read(target);
            int at = spoilAfter.get();
            if (count > 0 && at >= 0) {
                if (at < count) {
                    target.put(start + at, (byte) (target.get(start + at) ^ 0x10));
                }
                spoilAfter.set(at < count ? -1 : at - count);
            }
            return count;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (holding) {
                stuck.countDown();
                try {
                    closed.await();
                } catch (InterruptedException e) {
                    throw new InterruptedIOException();
                }
                throw new AsynchronousCloseException();
            }
            writes.incrementAndGet();
            int count = channel.write(source);
            sent.addAndGet(count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
            closed.countDown();
        }
    }
}
