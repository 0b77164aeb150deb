package org.innerkeep.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.innerkeep.bench.inside.Reading;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every peer of the boundary gives back what it gets, or its figures say nothing. The line to an enclave and the session through its
 * host need jars and a keeper, and are left to {@code bench/run}.
 */
class LinesTest {
    private Path folder = Path.of("");

    @BeforeEach
    void makeFolder() throws IOException {
        // The path of a Unix-domain socket has 107 bytes at most.
        folder = Files.createTempDirectory(Path.of("/tmp"), "ikbench");
    }

    @AfterEach
    void removeFolder() throws IOException {
        Stage.deleteTree(folder);
    }

    private static void echoes(Line line) throws Exception {
        assertThat(line.echo(Message.of(65_536))).isEqualTo(Message.of(65_536));
        assertThat(line.echo(new byte[] {1})).containsExactly(1);
    }

    @Test
    void theBareSocketDoes() throws Exception {
        String socket = folder.resolve("s").toString();
        try (Child _ = Child.start(List.of(), EchoProcess.class.getName(), "unix", socket);
                Line line = SocketLine.connect(Path.of(socket))) {
            echoes(line);
            assertThatThrownBy(() -> line.echo(Reading.EXAMPLE)).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void tlsDoesDirectlyAndThroughTheForwarder() throws Exception {
        Path certificate = folder.resolve("tls.p12");
        TlsEcho.makeCertificate(certificate);
        try (Child server = Child.start(List.of(), EchoProcess.class.getName(), "tls", certificate.toString());
                Child forwarder = Child.start(List.of(), Forwarder.class.getName(), server.answer());
                Line direct = TlsEcho.connect(TlsEcho.context(certificate), Integer.parseInt(server.answer()));
                Line relayed = TlsEcho.connect(TlsEcho.context(certificate), Integer.parseInt(forwarder.answer()))) {
            assertThat(forwarder.answer()).isNotEqualTo(server.answer());
            echoes(direct);
            echoes(relayed);
        }
    }

    @Test
    void grpcDoesWithBytesAndRecordsAndWithManyCallsAtOnce() throws Exception {
        String socket = folder.resolve("g").toString();
        try (Child _ = Child.start(List.of("--enable-native-access=ALL-UNNAMED"), GrpcProcess.class.getName(), socket);
                Line line = GrpcLine.connect(socket)) {
            echoes(line);
            assertThat(line.echo(Reading.EXAMPLE)).isEqualTo(Reading.EXAMPLE);
            CallLoad load = new CallLoad(line);
            assertThat(Latency.parse(load.obey("echo 64 50")).count()).isPositive();
            assertThat(Latency.parse(load.obey("reading 50")).count()).isPositive();
            assertThat(Double.parseDouble(load.obey("callers 64 8 100"))).isPositive();
            assertThat(Double.parseDouble(load.obey("outstanding 64 8 100"))).isPositive();
        }
    }

    @Test
    void aCallAfterIdlenessIsTimedWithoutTheIdleness() throws Exception {
        Latency latency = Latency.afterIdleness(5, 20_000, () -> {});
        assertThat(latency.count()).isEqualTo(5);
        assertThat(latency.middle()).isLessThan(20_000_000);
    }

    @Test
    void protobufCarriesEveryField() throws Exception {
        Reading other = new Reading(new UUID(-1, 7), "ä", "", Long.MIN_VALUE, Double.NEGATIVE_INFINITY, -1, false, "漢");
        for (Reading reading : List.of(Reading.EXAMPLE, other)) {
            assertThat(GrpcMethods.decode(GrpcMethods.encode(reading))).isEqualTo(reading);
        }
    }
}
