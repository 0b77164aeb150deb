package org.innerkeep.bench;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.innerkeep.bench.inside.Echo;
import org.innerkeep.bench.inside.Pipe;
import org.innerkeep.client.Client;

/** An attested session of this process with an enclave, through the host's relay in another process. */
final class SessionLine implements Line {
    private final Client client;
    private final Echo echo;
    private final Pipe pipe;

    private SessionLine(Client client) {
        this.client = client;
        this.echo = client.bind(Echo.class);
        this.pipe = client.bind(Pipe.class, Duration.ofMinutes(10));
    }

    static SessionLine connect(int port) throws Exception {
        return new SessionLine(
                Client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Stage.current().trust()));
    }

    @Override
    public byte[] echo(byte[] message) {
        return echo.echo(message);
    }

    @Override
    public long take(InputStream content) {
        return pipe.take(content);
    }

    @Override
    public InputStream give(long bytes) {
        return pipe.give(bytes);
    }

    @Override
    public void close() {
        client.close();
    }
}
