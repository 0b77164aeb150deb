package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OwnNetworkTest {
    @BeforeEach
    void mayMakeNetworks() {
        assumeTrue(OwnNetwork.isPossible(), "this user may not make network namespaces: run the tests as root");
    }

    private static String said(String script) throws IOException {
        Process process = new ProcessBuilder("/bin/bash", "-c", script).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    @Test
    void aProcessInItReachesNothingOfTheMachine() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String connect = "exec 3<>/dev/tcp/127.0.0.1/" + listener.getLocalPort() + " && echo connected || echo refused";

            assertThat(said(connect)).as("the machine's own network, as a control").endsWith("connected");
            assertThat(OwnNetwork.run(() -> said(connect))).endsWith("refused");
        }
    }

    @Test
    void thereIsNothingInItButTheLoopbackDeviceWhichIsUp() throws Exception {
        List<String> devices = OwnNetwork.run(() -> said("tail -n +3 /proc/net/dev | cut -d: -f1")).lines().map(String::strip).toList();
        assertThat(devices).contains("lo");
        // Devices of tunnels, where the kernel makes some in every namespace, are down and lead nowhere.
        assertThat(OwnNetwork.run(() -> said("cat /proc/net/route | tail -n +2"))).as("routes").isEmpty();
        String up = "exec 3<>/dev/tcp/127.0.0.1/1; true";
        assertThat(OwnNetwork.run(() -> said(up))).as("refused, not unreachable: the device is up").contains("refused");
    }

    @Test
    void theCallersOwnThreadStaysWhereItIs() throws Exception {
        Path mine = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"));
        String other = OwnNetwork.run(() -> said("readlink /proc/self/ns/net"));

        assertThat(other).isNotEqualTo(mine.toString());
        assertThat(Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"))).isEqualTo(mine);
        assertThat(OwnNetwork.run(() -> said("readlink /proc/self/ns/net"))).as("each its own").isNotEqualTo(other);
    }

    @Test
    void aFailureOfTheActionIsTold() {
        assertThat(catchThrowable(() -> OwnNetwork.run(() -> {
                    throw new IOException("it did not start");
                })))
                .isInstanceOf(IOException.class)
                .hasMessage("it did not start");
    }
}
