package org.innerkeep.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.call.ServiceSchema;
import org.innerkeep.cli.vectors.CodecVectors.Entry;
import org.innerkeep.cli.vectors.Oven.Everything;
import org.innerkeep.cli.vectors.Oven.Why;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/** Frames, as the product's own two ends send and answer them. */
final class FrameVectors {
    private static final ServiceSchema<Oven> SCHEMA = ServiceSchema.of(Oven.class);
    private static final int DEADLINE_MILLIS = 30_000;
    private static final Duration LONG = Duration.ofHours(1);

    // In the order of the canonical text.
    private static final int FAIL = 0;
    private static final int NOTHING = 1;
    private static final int SAME = 2;

    private static final byte[] VALUE = Codec.of(Everything.class).encode(CodecVectors.EVERYTHING);

    private FrameVectors() {}

    /** What the vectors' enclave does. */
    private static final class Implementation implements Oven {
        @Override
        public Everything same(Everything value) {
            return value;
        }

        @Override
        public void nothing() {}

        @Override
        public String fail(int which) throws ColdException, FullException {
            switch (which) {
                case 0 -> throw new ColdException();
                case 1 -> throw new FullException(new Why("no room", 180));
                default -> throw new IllegalStateException("is nobody's business outside");
            }
        }
    }

    static Map<String, Object> frames() throws Exception {
        List<Object> exchanges = new ArrayList<>();
        String name = SCHEMA.name();
        byte[] digest = SCHEMA.digest().toArray();
        exchange(exchanges, "bind", bind(1, name, digest));
        exchange(exchanges, "bind-unknown", bind(1, "com.acme.Unknown", digest));
        exchange(exchanges, "bind-other-schema", bind(1, name, new byte[32]));
        exchange(exchanges, "value", request(2, SAME, DEADLINE_MILLIS, VALUE));
        exchange(exchanges, "void", request(2, NOTHING, DEADLINE_MILLIS));
        exchange(exchanges, "declared", request(2, FAIL, DEADLINE_MILLIS, integer(0)));
        exchange(exchanges, "declared-with-detail", request(2, FAIL, DEADLINE_MILLIS, integer(1)));
        exchange(exchanges, "failed", request(2, FAIL, DEADLINE_MILLIS, integer(2)));
        exchange(exchanges, "arguments-malformed", request(2, FAIL, DEADLINE_MILLIS, new CborWriter().text("two").toByteArray()));
        exchange(exchanges, "arguments-too-few", request(2, FAIL, DEADLINE_MILLIS));

        List<Object> fatal = new ArrayList<>();
        fatal(fatal, "interface-not-opened", frame(new CborWriter().array(6).integer(1).integer(2).integer(9).integer(0)
                .integer(1).array(0)));
        fatal(fatal, "method-unknown", request(2, 3, DEADLINE_MILLIS));
        fatal(fatal, "deadline-zero", request(2, NOTHING, 0));
        fatal(fatal, "deadline-above-a-day", request(2, NOTHING, 86_400_001));
        fatal(fatal, "id-zero", request(0, NOTHING, DEADLINE_MILLIS));
        fatal(fatal, "kind-unknown", frame(new CborWriter().array(2).integer(31).integer(2)));
        fatal(fatal, "items-of-another-kind", frame(new CborWriter().array(3).integer(5).integer(2).nil()));
        fatal(fatal, "answer-to-no-call", frame(new CborWriter().array(3).integer(2).integer(1).nil()));
        fatal(fatal, "no-length", new byte[4]);
        fatal(fatal, "length-above-the-limit", new byte[] {0x7f, -1, -1, -1});
        fatal(fatal, "number-not-in-its-shortest-form", Bytes.fromHex("0000000482051802").toArray());

        clientSendsTheSame();
        return new Entry()
                .put("about", "Frames with their length, and what the other end answers; docs/protocol.md, section 5. Each exchange"
                        + " but those of binding follows the exchange bind. A fatal frame ends the connection.")
                .put("interface", name)
                .put("exchanges", exchanges)
                .put("cancel", Bytes.of(frame(new CborWriter().array(2).integer(5).integer(2))).hex())
                .put("fatal", fatal)
                .map();
    }

    private static byte[] integer(int value) {
        return new CborWriter().integer(value).toByteArray();
    }

    static byte[] bind(long id, String name, byte[] digest) {
        return frame(new CborWriter().array(4).integer(0).integer(id).text(name).bytes(digest));
    }

    private static byte[] request(long id, int method, int deadlineMillis, byte[]... arguments) {
        CborWriter writer = new CborWriter()
                .array(6).integer(1).integer(id).integer(0).integer(method).integer(deadlineMillis).array(arguments.length);
        for (byte[] argument : arguments) {
            writer.raw(argument);
        }
        return frame(writer);
    }

    static byte[] frame(CborWriter writer) {
        byte[] body = writer.toByteArray();
        return ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body).array();
    }

    private static void exchange(List<Object> list, String name, byte[] sent) throws Exception {
        try (Server server = new Server()) {
            if (!name.startsWith("bind")) {
                server.send(bind(1, SCHEMA.name(), SCHEMA.digest().toArray()));
                server.answer();
            }
            server.send(sent);
            list.add(new Entry()
                    .put("name", name)
                    .put("sent", Bytes.of(sent).hex())
                    .put("answer", Bytes.of(server.answer()).hex())
                    .map());
        }
    }

    private static void fatal(List<Object> list, String name, byte[] sent) throws Exception {
        try (Server server = new Server()) {
            server.send(bind(1, SCHEMA.name(), SCHEMA.digest().toArray()));
            server.answer();
            server.send(sent);
            assertThat(server.peer.closed().get(20, TimeUnit.SECONDS)).as(name).hasMessageContaining("broke the protocol");
        }
        list.add(new Entry().put("name", name).put("sent", Bytes.of(sent).hex()).map());
    }

    /** The product's own client, for the same call, sends the same bytes; only the time that is left differs. */
    private static void clientSendsTheSame() throws Exception {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        Pipe toServer = Pipe.open();
        Pipe toClient = Pipe.open();
        OutputStream tee = new Tee(Channels.newOutputStream(toServer.sink()), sent);
        try (CallPeer server = serve(toServer, toClient);
                CallPeer client = CallPeer.over(Channels.newInputStream(toClient.source()), tee, Disclosure.TO_CLIENT).start()) {
            assertThat(server.closed()).isNotDone();
            client.bind(SCHEMA, LONG).same(CodecVectors.EVERYTHING);
        }
        byte[] first = bind(1, SCHEMA.name(), SCHEMA.digest().toArray());
        byte[] all = sent.toByteArray();
        assertThat(java.util.Arrays.copyOf(all, first.length)).isEqualTo(first);
        byte[] second = java.util.Arrays.copyOfRange(all, first.length, all.length);
        CborReader reader = new CborReader(second, 4, second.length - 4);
        reader.arrayOf("frame", 6);
        for (int wanted : new int[] {1, 2, 0, SAME}) {
            reader.integer("frame", wanted, wanted);
        }
        int left = (int) reader.integer("deadline", LONG.toMillis() - 60_000, LONG.toMillis());
        assertThat(second).isEqualTo(request(2, SAME, left, VALUE));
    }

    private static CallPeer serve(Pipe requests, Pipe answers) {
        return serve(requests, answers, SCHEMA, new Implementation());
    }

    private static <T> CallPeer serve(Pipe requests, Pipe answers, ServiceSchema<T> schema, T implementation) {
        return CallPeer.over(
                        Channels.newInputStream(requests.source()),
                        Channels.newOutputStream(answers.sink()),
                        Disclosure.TO_CLIENT)
                .offer(schema, implementation)
                .start();
    }

    /** The product's end that answers, fed by hand. */
    static final class Server implements AutoCloseable {
        private final OutputStream out;
        private final InputStream in;
        private final CallPeer peer;

        Server() throws IOException {
            this(SCHEMA, new Implementation());
        }

        <T> Server(ServiceSchema<T> schema, T implementation) throws IOException {
            Pipe requests = Pipe.open();
            Pipe answers = Pipe.open();
            out = Channels.newOutputStream(requests.sink());
            in = Channels.newInputStream(answers.source());
            peer = serve(requests, answers, schema, implementation);
        }

        void send(byte[] frame) throws IOException {
            out.write(frame);
            out.flush();
        }

        byte[] answer() throws IOException {
            DataInputStream data = new DataInputStream(in);
            int length = data.readInt();
            return ByteBuffer.allocate(4 + length).putInt(length).put(data.readNBytes(length)).array();
        }

        @Override
        public void close() throws IOException {
            peer.close();
            out.close();
            in.close();
        }
    }

    private static final class Tee extends OutputStream {
        private final OutputStream first;
        private final ByteArrayOutputStream second;

        Tee(OutputStream first, ByteArrayOutputStream second) {
            this.first = first;
            this.second = second;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            first.write(bytes, offset, length);
            second.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            first.flush();
        }

        @Override
        public void close() throws IOException {
            first.close();
        }
    }
}
