package org.innerkeep.channel.call;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.innerkeep.evidence.cbor.CborWriter;

/** Two sockets connected with each other, and what was written to each. */
final class Link implements AutoCloseable {
    final Socket near;
    final Socket far;
    private final ByteArrayOutputStream nearWrote = new ByteArrayOutputStream();
    private final ByteArrayOutputStream farWrote = new ByteArrayOutputStream();

    Link() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            near = new Socket(server.getInetAddress(), server.getLocalPort());
            far = server.accept();
        }
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
    }

    CallPeer.Builder near(Disclosure disclosure) throws IOException {
        return CallPeer.over(near.getInputStream(), recorded(near, nearWrote), disclosure);
    }

    CallPeer.Builder far(Disclosure disclosure) throws IOException {
        return CallPeer.over(far.getInputStream(), recorded(far, farWrote), disclosure);
    }

    byte[] nearWrote() {
        synchronized (nearWrote) {
            return nearWrote.toByteArray();
        }
    }

    byte[] farWrote() {
        synchronized (farWrote) {
            return farWrote.toByteArray();
        }
    }

    /** Writes a frame by hand at the near end. */
    void send(Consumer<CborWriter> content) throws IOException {
        near.getOutputStream().write(frame(content));
    }

    /** Reads a frame by hand at the near end. */
    byte[] receive() throws IOException {
        near.setSoTimeout(10_000);
        byte[] length = near.getInputStream().readNBytes(4);
        return length.length == 0 ? length : near.getInputStream().readNBytes(ByteBuffer.wrap(length).getInt());
    }

    static byte[] frame(Consumer<CborWriter> content) {
        CborWriter cbor = new CborWriter();
        content.accept(cbor);
        byte[] bytes = cbor.toByteArray();
        return ByteBuffer.allocate(4 + bytes.length).putInt(bytes.length).put(bytes).array();
    }

    static Consumer<CborWriter> bind(long id, Class<?> type) {
        ServiceSchema<?> schema = ServiceSchema.of(type);
        return cbor -> cbor.array(4).integer(0).integer(id).text(schema.name()).bytes(schema.digest().toArray());
    }

    static Consumer<CborWriter> request(long id, int method, long deadlineMillis, Consumer<CborWriter> arguments) {
        return cbor -> arguments.accept(
                cbor.array(6).integer(1).integer(id).integer(0).integer(method).integer(deadlineMillis));
    }

    private static OutputStream recorded(Socket socket, ByteArrayOutputStream record) throws IOException {
        return new FilterOutputStream(socket.getOutputStream()) {
            @Override
            public void write(byte[] bytes) throws IOException {
                synchronized (record) {
                    record.writeBytes(bytes);
                }
                out.write(bytes);
            }
        };
    }

    @Override
    public void close() throws IOException {
        near.close();
        far.close();
    }
}
