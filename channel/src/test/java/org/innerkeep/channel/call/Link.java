package org.innerkeep.channel.call;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.channel.ring.Ring;
import org.innerkeep.evidence.cbor.CborWriter;

/** Two sockets connected with each other, and what was written to each; and, if wanted, memory that both ends share. */
final class Link implements AutoCloseable {
    private static final long FIRST_SLOT = 8192;

    final Socket near;
    final Socket far;
    private final ByteArrayOutputStream nearWrote = new ByteArrayOutputStream();
    private final ByteArrayOutputStream farWrote = new ByteArrayOutputStream();
    private final Optional<Path> memory;

    Link() throws IOException {
        this(Optional.empty());
    }

    /** With memory that both ends share. */
    static Link sharing() throws IOException {
        Path file = Files.createTempFile("calls", "");
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(Ring.BYTES);
        }
        return new Link(Optional.of(file));
    }

    private Link(Optional<Path> memory) throws IOException {
        this.memory = memory;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            near = new Socket(server.getInetAddress(), server.getLocalPort());
            far = server.accept();
        }
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
    }

    CallPeer.Builder near(Disclosure disclosure) throws IOException {
        return sharing(CallPeer.over(near.getInputStream(), recorded(near, nearWrote), disclosure), Ring.Side.HOST);
    }

    CallPeer.Builder far(Disclosure disclosure) throws IOException {
        return sharing(CallPeer.over(far.getInputStream(), recorded(far, farWrote), disclosure), Ring.Side.ENCLAVE);
    }

    private CallPeer.Builder sharing(CallPeer.Builder builder, Ring.Side side) throws IOException {
        if (memory.isPresent()) {
            builder.ring(Ring.map(memory.get(), side).orElseThrow());
        }
        return builder;
    }

    /** The memory that both ends share. */
    Path memory() {
        return memory.orElseThrow();
    }

    byte[] nearWrote() {
        synchronized (nearWrote) {
            return nearWrote.toByteArray();
        }
    }

    byte[] farWrote() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        synchronized (farWrote) {
            all.writeBytes(farWrote.toByteArray());
        }
        memory.ifPresent(file -> all.writeBytes(answerIn(file)));
        return all.toByteArray();
    }

    /** All that the far end can have written where both share memory: that memory, whole, with what requests have left there. */
    byte[] farShared() throws IOException {
        return memory.isPresent() ? Files.readAllBytes(memory.get()) : new byte[0];
    }

    /** The answer in the first slot of the near end, which is the one that is used where calls come one after the other. */
    private static byte[] answerIn(Path file) {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
            opened.seek(FIRST_SLOT + 4);
            byte[] answer = new byte[Integer.reverseBytes(opened.readInt())];
            opened.seek(FIRST_SLOT + 64);
            opened.readFully(answer);
            // With its length, as it would stand in a stream.
            return ByteBuffer.allocate(4 + answer.length).putInt(answer.length).put(answer).array();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
        if (memory.isPresent()) {
            Files.deleteIfExists(memory.get());
        }
    }
}
