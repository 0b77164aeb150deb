package org.innerkeep.cli.vectors;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.innerkeep.channel.call.ServiceSchema;
import org.innerkeep.cli.vectors.CodecVectors.Entry;
import org.innerkeep.cli.vectors.FrameVectors.Server;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/** Streams as the product gives and reads them, frame by frame. */
final class StreamVectors {
    private static final ServiceSchema<Well> WELL = ServiceSchema.of(Well.class);
    private static final ServiceSchema<?> STREAMS = streamSource();

    private static final int DEADLINE_MILLIS = 30_000;

    /** How long the product waits for a piece of an argument. */
    private static final int PIECE_MILLIS = 300_000;

    // In the order of the canonical texts.
    private static final int COUNT = 0;
    private static final int DRAW = 1;
    private static final int SIP = 2;
    private static final int READ = 0;
    private static final int STOP = 1;

    private static final byte[] WATER = "water".getBytes(US_ASCII);

    private StreamVectors() {}

    /** It is no part of the programming interface, and so not visible here. */
    private static ServiceSchema<?> streamSource() {
        try {
            return ServiceSchema.of(Class.forName("org.innerkeep.channel.call.StreamSource"));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Implementation implements Well {
        @Override
        public long count(InputStream content) {
            try {
                return content.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public InputStream draw(boolean whole) {
            return whole ? new ByteArrayInputStream(WATER) : new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new IOException("is nobody's business outside");
                }
            };
        }

        @Override
        public int sip(InputStream content) {
            try (content) {
                return content.read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static Map<String, Object> streams() throws Exception {
        return new Entry()
                .put("about", "Streams; docs/protocol.md, section 5.7. Each conversation is a connection of its own: frames with their"
                        + " length, in order. The enclave is the end that offers the interface. How many milliseconds it waits for a"
                        + " piece is its own choice.")
                .put("schemas", List.of(schema(STREAMS), schema(WELL)))
                .put("result", result())
                .put("argumentReadToItsEnd", argument(COUNT, new byte[0]))
                .put("argumentStopped", argument(SIP, WATER))
                .map();
    }

    private static Map<String, Object> schema(ServiceSchema<?> schema) {
        return new Entry()
                .put("name", schema.name())
                .put("text", schema.text())
                .put("digest", schema.digest().hex())
                .map();
    }

    private static Map<String, Object> step(String name, String from, byte[] frame) {
        return new Entry().put("name", name).put("from", from).put("frame", Bytes.of(frame).hex()).map();
    }

    /** A client that reads results. */
    private static List<Object> result() throws Exception {
        List<Object> steps = new ArrayList<>();
        try (Server server = new Server(WELL, new Implementation())) {
            Client client = new Client(server, steps);
            client.exchange("bind", id -> bind(id, WELL));
            client.exchange("bind-streams-before-there-is-one", id -> bind(id, STREAMS));
            client.exchange("open", id -> request(id, 0, DRAW, new CborWriter().bool(true)));
            client.exchange("bind-streams", id -> bind(id, STREAMS));
            client.exchange("read-first-piece", id -> request(id, 1, READ, integers(1, 0)));
            client.exchange("read-first-piece-again", id -> request(id, 1, READ, integers(1, 0)));
            client.exchange("read-end", id -> request(id, 1, READ, integers(1, 1)));
            client.exchange("read-after-the-end", id -> request(id, 1, READ, integers(1, 2)));
            client.exchange("open-one-that-fails", id -> request(id, 0, DRAW, new CborWriter().bool(false)));
            client.exchange("read-of-a-source-that-failed", id -> request(id, 1, READ, integers(2, 0)));
            client.exchange("stop-what-broke", id -> request(id, 1, STOP, integers(2)));
            client.exchange("open-another", id -> request(id, 0, DRAW, new CborWriter().bool(true)));
            client.exchange("stop", id -> request(id, 1, STOP, integers(3)));
            client.exchange("read-after-stop", id -> request(id, 1, READ, integers(3, 0)));
            client.exchange("read-of-an-unknown-stream", id -> request(id, 1, READ, integers(-1, 0)));
            client.exchange("stop-of-an-unknown-stream", id -> request(id, 1, STOP, integers(77)));
        }
        return steps;
    }

    /** A client that gives an argument, which the product reads. */
    private static List<Object> argument(int method, byte[] firstPiece) throws Exception {
        List<Object> steps = new ArrayList<>();
        try (Server server = new Server(WELL, new Implementation())) {
            Client client = new Client(server, steps);
            client.exchange("bind", id -> bind(id, WELL));
            client.send("call", id -> request(id, 0, method, integers(1)));
            byte[] bind = server.answer();
            assertThat(bind).isEqualTo(bind(1, STREAMS));
            steps.add(step("bind-streams", "enclave", bind));
            client.answer("bind-streams", new CborWriter().array(3).integer(2).integer(1).integer(0));
            steps.add(step("read-first-piece", "enclave", sent(server.answer(), 2, READ, integers(1, 0))));
            client.answer("read-first-piece", new CborWriter().array(3).integer(2).integer(2).bytes(firstPiece));
            byte[] next = server.answer();
            if (method == SIP) {
                // The enclave does not wait for the answer to its stop, so the two come in any order.
                byte[] other = server.answer();
                byte[] stop = kind(next) == 1 ? next : other;
                steps.add(step("stop", "enclave", sent(stop, 3, STOP, integers(1))));
                client.answer("stop", new CborWriter().array(3).integer(2).integer(3).nil());
                next = kind(next) == 1 ? other : next;
            }
            steps.add(step("call", "enclave", next));
        }
        return steps;
    }

    private static int kind(byte[] frame) {
        return frame[5];
    }

    /** What the product sent is this request, but for the time that was left; it is recorded with all of it. */
    private static byte[] sent(byte[] found, long id, int method, CborWriter... arguments) throws MalformedException {
        CborReader reader = new CborReader(found, 4, found.length - 4);
        reader.arrayOf("frame", 6);
        for (long wanted : new long[] {1, id, 0, method}) {
            reader.integer("frame", wanted, wanted);
        }
        int left = (int) reader.integer("deadline", 1, PIECE_MILLIS);
        assertThat(found).isEqualTo(request(id, 0, method, left, arguments));
        return request(id, 0, method, PIECE_MILLIS, arguments);
    }

    private static byte[] bind(long id, ServiceSchema<?> schema) {
        return FrameVectors.bind(id, schema.name(), schema.digest().toArray());
    }

    private static CborWriter[] integers(long... values) {
        return Arrays.stream(values).mapToObj(value -> new CborWriter().integer(value)).toArray(CborWriter[]::new);
    }

    private static byte[] request(long id, int service, int method, CborWriter... arguments) {
        return request(id, service, method, DEADLINE_MILLIS, arguments);
    }

    private static byte[] request(long id, int service, int method, int deadlineMillis, CborWriter... arguments) {
        CborWriter writer = new CborWriter()
                .array(6).integer(1).integer(id).integer(service).integer(method).integer(deadlineMillis).array(arguments.length);
        for (CborWriter argument : arguments) {
            writer.raw(argument.toByteArray());
        }
        return FrameVectors.frame(writer);
    }

    @FunctionalInterface
    private interface Numbered {
        byte[] frame(long id);
    }

    /** The hand-made end. */
    private static final class Client {
        private final Server server;
        private final List<Object> steps;
        private long id;

        Client(Server server, List<Object> steps) {
            this.server = server;
            this.steps = steps;
        }

        void send(String name, Numbered frame) throws IOException {
            byte[] bytes = frame.frame(++id);
            server.send(bytes);
            steps.add(step(name, "client", bytes));
        }

        void exchange(String name, Numbered frame) throws IOException {
            send(name, frame);
            steps.add(step(name, "enclave", server.answer()));
        }

        void answer(String name, CborWriter writer) throws IOException {
            byte[] bytes = FrameVectors.frame(writer);
            server.send(bytes);
            steps.add(step(name, "client", bytes));
        }
    }
}
