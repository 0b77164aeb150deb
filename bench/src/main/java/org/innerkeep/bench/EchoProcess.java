package org.innerkeep.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * The other process of the peers: sends back each message, which is a length of four bytes and that many bytes. Nothing between
 * the message and the system call (or JSSE) but one buffer. Ends when its standard input does.
 */
public final class EchoProcess {
    /** Bytes in front of a message. */
    static final int PREFIX = Integer.BYTES;

    /** The longest message. */
    static final int MAX_MESSAGE = 1 << 20;

    private EchoProcess() {}

    /**
     * Listens.
     *
     * @param arguments {@code unix} and the socket's path, or {@code tls} and the file of the certificate and its key
     * @throws Exception if listening fails
     */
    public static void main(String[] arguments) throws Exception {
        Path path = Path.of(arguments[1]);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                if (arguments[0].equals("unix")) {
                    unix(path);
                } else {
                    tls(path);
                }
            } catch (Exception e) {
                System.out.println(e);
                Runtime.getRuntime().halt(1);
            }
        });
        untilInputEnds();
    }

    /** Returns when whoever started this process has ended or has no more use for it. */
    static void untilInputEnds() throws IOException {
        while (System.in.read() >= 0) {
            // Whatever it says, it is still there.
        }
    }

    private static void unix(Path path) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
            System.out.println("ready");
            try (SocketChannel channel = listener.accept()) {
                ByteBuffer buffer = ByteBuffer.allocateDirect(PREFIX + MAX_MESSAGE);
                while (receive(channel, buffer)) {
                    send(channel, buffer);
                }
            }
        }
    }

    /** Reads one message with its length into the buffer, from its beginning. {@return false at the end of the stream} */
    static boolean receive(SocketChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        int wanted = PREFIX;
        while (buffer.position() < wanted) {
            if (channel.read(buffer) < 0) {
                return false;
            }
            if (buffer.position() >= PREFIX) {
                wanted = PREFIX + buffer.getInt(0);
            }
        }
        buffer.flip();
        return true;
    }

    static void send(SocketChannel channel, ByteBuffer message) throws IOException {
        while (message.hasRemaining()) {
            channel.write(message);
        }
    }

    private static void tls(Path certificate) throws Exception {
        try (SSLServerSocket listener = TlsEcho.listen(certificate)) {
            System.out.println("ready " + listener.getLocalPort());
            while (true) {
                SSLSocket socket = (SSLSocket) listener.accept();
                Thread.ofPlatform().daemon().start(() -> serve(socket));
            }
        }
    }

    private static void serve(SSLSocket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 14));
            OutputStream out = socket.getOutputStream();
            byte[] buffer = new byte[PREFIX + MAX_MESSAGE];
            while (true) {
                int length = in.readInt();
                ByteBuffer.wrap(buffer).putInt(length);
                in.readFully(buffer, PREFIX, length);
                out.write(buffer, 0, PREFIX + length);
            }
        } catch (IOException e) {
            // The client has gone, which is how it ends.
        }
    }
}
