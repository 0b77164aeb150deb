package org.innerkeep.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.innerkeep.bench.inside.Pipe;
import org.innerkeep.bench.inside.Zeros;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A remote client's session with an enclave, through a host in a process of its own, and streams in it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SessionCall {
    private static final int STREAM_BYTES = 16 << 20;

    /** A host and its enclave. */
    @State(Scope.Benchmark)
    public static class Operator {
        private final Child process = Opened.of(() -> Child.start(
                List.of("-D" + Stage.PROPERTY + "=" + Stage.current().folder()), HostProcess.class.getName()));
        private final InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(process.answer()));
        private final Trust trust = Opened.of(Stage.current()::trust);

        Client connect() throws IOException {
            return Client.connect(address, trust);
        }

        /** Ends both. */
        @TearDown
        public void close() {
            process.close();
        }
    }

    /** A session that stays open. */
    @State(Scope.Benchmark)
    public static class Session {
        private final Operator operator = new Operator();
        private final Client client = Opened.of(operator::connect);
        private final Pipe pipe = client.bind(Pipe.class);

        /** Ends the session. */
        @TearDown
        public void close() {
            client.close();
            operator.close();
        }
    }

    /** A plain TLS server. */
    @State(Scope.Benchmark)
    public static class Server {
        private final SSLContext context = Opened.of(() -> TlsEcho.context(Stage.current().certificate()));
        private final Child process = Opened.of(() -> Child.start(
                List.of(TlsEcho.NO_TICKETS),
                EchoProcess.class.getName(),
                "tls",
                Stage.current().certificate().toString()));

        TlsEcho connect() throws IOException {
            return TlsEcho.connect(context, Integer.parseInt(process.answer()));
        }

        /** Ends it. */
        @TearDown
        public void close() {
            process.close();
        }
    }

    /** A plain TLS connection that stays open. */
    @State(Scope.Benchmark)
    public static class Connection {
        private final Server server = new Server();
        private final TlsEcho echo = Opened.of(server::connect);

        /** Ends it. */
        @TearDown
        public void close() throws IOException {
            echo.close();
            server.close();
        }
    }

    /** {@return how many bytes came back: 16 MiB in and 16 MiB out as streams} */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public long streamAttested(Session session) throws IOException {
        if (session.pipe.take(new Zeros(STREAM_BYTES)) != STREAM_BYTES) {
            throw new IOException("a stream was cut");
        }
        try (InputStream back = session.pipe.give(STREAM_BYTES)) {
            return back.transferTo(OutputStream.nullOutputStream());
        }
    }

    /** {@return the last answer of the plain server: 16 MiB there and back, a MiB at a time} */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public byte[] streamPlainTls(Connection connection) throws IOException {
        byte[] piece = new byte[EchoProcess.MAX_MESSAGE];
        for (int sent = 0; sent < STREAM_BYTES; sent += piece.length) {
            piece = connection.echo.echo(piece);
        }
        return piece;
    }

    /** {@return what both ends of a new session share, once both appraisals are done} */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public byte[] connectAttested(Operator operator) throws IOException {
        try (Client client = operator.connect()) {
            return client.binding();
        }
    }

    /** {@return a new connection, closed, once its handshake is done} */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public AutoCloseable connectPlainTls(Server server) throws IOException {
        try (TlsEcho echo = server.connect()) {
            return echo;
        }
    }
}
