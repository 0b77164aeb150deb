package org.innerkeep.bench;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.innerkeep.bench.inside.Echo;
import org.innerkeep.bench.inside.Pipe;
import org.innerkeep.bench.inside.Reading;
import org.innerkeep.bench.inside.Readings;
import org.innerkeep.host.Enclave;

/** A real enclave, started by the keeper, with this process as its host. */
final class EnclaveLine implements Line {
    private final Enclave enclave;
    private final Echo echo;
    private final Readings readings;
    private final Pipe pipe;

    private EnclaveLine(Enclave enclave) {
        this.enclave = enclave;
        this.echo = enclave.bind(Echo.class);
        this.readings = enclave.bind(Readings.class);
        this.pipe = enclave.bind(Pipe.class, Duration.ofMinutes(10));
    }

    static EnclaveLine start() throws IOException {
        return new EnclaveLine(Stage.current().startEnclave());
    }

    @Override
    public byte[] echo(byte[] message) {
        return echo.echo(message);
    }

    @Override
    public Reading echo(Reading reading) {
        return readings.echo(reading);
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
        enclave.close();
    }
}
