package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.innerkeep.channel.linux.Kernel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OwnNetworkTest {
    private static final Kernel KERNEL = Shell.KERNEL;

    @BeforeEach
    void mayMakeNetworks() {
        assumeTrue(Trial.of(new OwnNetwork(KERNEL)).isEmpty(), "this user may not make network namespaces: run the tests as root");
    }

    private static String said(String script) throws IOException {
        return new Shell().said(List.of(), script);
    }

    private static String saidInside(String script) throws IOException {
        return new Shell().said(List.of(new OwnNetwork(KERNEL)), script);
    }

    @Test
    void aProcessInItReachesNothingOfTheMachine() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String connect = "exec 3<>/dev/tcp/127.0.0.1/" + listener.getLocalPort() + " && echo connected || echo refused";

            assertThat(said(connect)).as("the machine's own network, as a control").endsWith("connected");
            assertThat(saidInside(connect)).endsWith("refused");
        }
    }

    @Test
    void thereIsNothingInItButTheLoopbackDeviceWhichIsUp() throws Exception {
        List<String> devices = saidInside("tail -n +3 /proc/net/dev | cut -d: -f1").lines().map(String::strip).toList();
        assertThat(devices).contains("lo");
        // Devices of tunnels, where the kernel makes some in every namespace, are down and lead nowhere.
        assertThat(saidInside("cat /proc/net/route | tail -n +2")).as("routes").isEmpty();
        String up = "exec 3<>/dev/tcp/127.0.0.1/1; true";
        assertThat(saidInside(up)).as("refused, not unreachable: the device is up").contains("refused");
    }

    @Test
    void theCallersOwnThreadStaysWhereItIs() throws Exception {
        Path mine = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"));
        String other = saidInside("readlink /proc/self/ns/net");

        assertThat(other).isNotEqualTo(mine.toString());
        assertThat(Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"))).isEqualTo(mine);
        assertThat(saidInside("readlink /proc/self/ns/net")).as("each its own").isNotEqualTo(other);
    }
}
