package org.innerkeep.cli.it;

import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Ports for servers that are started, ended and started again. None is of the range from which the system takes ports for outgoing
 * connections: such a connection could have it while the server is down.
 */
final class FreePort {
    private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int FIRST = 1024;
    private static final int LAST = 65535;
    private static final int SPAN = 12_000;
    private static final int ATTEMPTS = 100;

    /** Ports that outgoing connections get, both ends included. */
    record Ephemeral(int low, int high) {
        static Ephemeral ofThisMachine() throws IOException {
            if (!Files.isReadable(RANGE)) {
                return new Ephemeral(32_768, LAST);
            }
            // The kernel gives this file in one read only; Files.readString begins with one of a single byte.
            try (InputStream in = Files.newInputStream(RANGE)) {
                return parse(new String(in.readNBytes(100), StandardCharsets.US_ASCII));
            }
        }

        static Ephemeral parse(String range) {
            String[] ends = range.strip().split("\\s+", -1);
            return new Ephemeral(Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
        }
    }

    private FreePort() {}

    /** Free now. Another server that takes it in between makes the test fail, not pass. */
    static int find() throws IOException {
        return find(Ephemeral.ofThisMachine(), new Random());
    }

    static int find(Ephemeral taken, Random random) throws IOException {
        // Next to the range, far from the ports that services like to have.
        int low = taken.low() > FIRST ? Math.max(FIRST, taken.low() - SPAN) : taken.high() + 1;
        int high = taken.low() > FIRST ? taken.low() - 1 : LAST;
        if (low > high) {
            throw new IOException("every port may be that of an outgoing connection: " + taken);
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = random.nextInt(low, high + 1);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // Somebody has it.
            }
        }
        throw new IOException("no port from " + low + " to " + high + " is free");
    }
}
