package org.innerkeep.bench;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.innerkeep.bench.inside.Echo;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.host.Enclave;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A host's call of its enclave, there and back. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BoundaryCall {
    /** A real enclave, started by the keeper, with this process as its host. */
    @State(Scope.Benchmark)
    public static class Inside {
        private final Enclave enclave = Opened.of(Stage.current()::startEnclave);
        private final Echo echo = enclave.bind(Echo.class);

        /** Ends the enclave. */
        @TearDown
        public void close() {
            enclave.close();
        }
    }

    /** Another JVM at the other end of a Unix-domain socket: the limit, what two processes need to wake each other. */
    @State(Scope.Benchmark)
    public static class RawSocket {
        private final Path folder = Opened.of(() -> Files.createTempDirectory(Path.of("/tmp"), "ikbench"));
        private final Path path = folder.resolve("s");
        private final Child process =
                Opened.of(() -> Child.start(List.of(), EchoProcess.class.getName(), "unix", path.toString()));
        private final SocketChannel channel = Opened.of(() -> SocketChannel.open(UnixDomainSocketAddress.of(path)));
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(EchoProcess.PREFIX + EchoProcess.MAX_MESSAGE);

        byte[] echo(byte[] message) throws IOException {
            EchoProcess.send(channel, buffer.clear().putInt(message.length).put(message).flip());
            if (!EchoProcess.receive(channel, buffer)) {
                throw new IOException("the other process has ended");
            }
            byte[] answer = new byte[buffer.getInt()];
            buffer.get(answer);
            return answer;
        }

        /** Ends the other process. */
        @TearDown
        public void close() throws IOException {
            channel.close();
            process.close();
            Stage.deleteTree(folder);
        }
    }

    /** Both ends of the same calls in this JVM, over two pipes of the kernel: the protocol without another process. */
    @State(Scope.Benchmark)
    public static class OneJvm {
        private final Pipe there = Opened.of(Pipe::open);
        private final Pipe back = Opened.of(Pipe::open);
        private final CallPeer callee = peer(there, back).offer(Echo.class, message -> message).start();
        private final CallPeer caller = peer(back, there).start();
        private final Echo echo = caller.bind(Echo.class, Duration.ofSeconds(30));

        private static CallPeer.Builder peer(Pipe in, Pipe out) {
            return CallPeer.over(
                    Channels.newInputStream(in.source()), Channels.newOutputStream(out.sink()), Disclosure.TO_CLIENT);
        }

        Echo echo() {
            return echo;
        }

        /** Ends both. */
        @TearDown
        public void close() {
            caller.close();
            callee.close();
        }
    }

    /** {@return the answer of the enclave} */
    @Benchmark
    public byte[] enclave(Inside inside, Message message) {
        return Message.checked(message.content(), inside.echo.echo(message.content()));
    }

    /** {@return the answer of the other process} */
    @Benchmark
    public byte[] rawSocket(RawSocket socket, Message message) throws IOException {
        return Message.checked(message.content(), socket.echo(message.content()));
    }

    /** {@return the answer of the other end} */
    @Benchmark
    public byte[] oneJvm(OneJvm pair, Message message) {
        return Message.checked(message.content(), pair.echo().echo(message.content()));
    }
}
