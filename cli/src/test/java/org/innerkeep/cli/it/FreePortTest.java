package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;
import org.innerkeep.cli.it.FreePort.Ephemeral;
import org.junit.jupiter.api.Test;

class FreePortTest {
    @Test
    void noOutgoingConnectionCanGetThePort() throws IOException {
        Ephemeral machine = Ephemeral.ofThisMachine();
        for (int seed = 0; seed < 200; seed++) {
            int port = FreePort.find(machine, new Random(seed));
            assertThat(port < machine.low() || port > machine.high()).as("%d of %s", port, machine).isTrue();
        }
    }

    @Test
    void aPortThatSomebodyHasIsNotTaken() throws IOException {
        int port = FreePort.find();
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            Ephemeral allAboveAndItsNeighbour = new Ephemeral(1024, port - 1);
            for (int seed = 0; seed < 50; seed++) {
                assertThat(FreePort.find(allAboveAndItsNeighbour, new Random(seed))).isNotEqualTo(port);
            }
        }
    }

    @Test
    void saysSoWhereEveryPortMayBeTaken() {
        assertThat(Ephemeral.parse("1024\t65535\n")).isEqualTo(new Ephemeral(1024, 65535));
        assertThatIOException()
                .isThrownBy(() -> FreePort.find(new Ephemeral(1024, 65535), new Random(1)))
                .withMessageContaining("every port");
    }
}
