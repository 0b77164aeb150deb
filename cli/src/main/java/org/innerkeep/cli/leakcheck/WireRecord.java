package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between clients and a host, passes everything on, and writes to a file what went by in either direction. */
final class WireRecord implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final InetSocketAddress host;
    private final ServerSocketChannel listener;
    private final FileChannel file;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();

    private WireRecord(InetSocketAddress host, ServerSocketChannel listener, FileChannel file) {
        this.host = host;
        this.listener = listener;
        this.file = file;
    }

    /** Listens on a free port of the loopback address. */
    static WireRecord before(InetSocketAddress host, Path file) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            WireRecord wire = new WireRecord(
                    host, listener, FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
            Thread.ofVirtual().start(wire::accept);
            return wire;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    /** Where clients connect. */
    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) listener.getLocalAddress();
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel client = listener.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void connect(SocketChannel client) {
        try (client;
                SocketChannel behind = SocketChannel.open(host)) {
            open.add(behind);
            Thread back = Thread.ofVirtual().start(() -> pass(behind, client));
            pass(client, behind);
            back.join();
        } catch (IOException e) {
            // The client sees its connection end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    private void pass(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        try {
            while (from.read(buffer.clear()) >= 0) {
                write(buffer.flip());
                buffer.rewind();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // One of the two has gone; so does the other.
        } finally {
            open.remove(from);
        }
    }

    private synchronized void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Channel each : open) {
            each.close();
        }
        file.close();
    }
}
