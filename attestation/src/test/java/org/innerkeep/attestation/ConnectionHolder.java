package org.innerkeep.attestation;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The process of {@link ManyConnectionsTest} that opens connections and leaves them: half of them send nothing, half the begin of a TLS
 * handshake that never goes on. Takes the port and how many; says when all are open, and on each line that it reads how many still are.
 */
final class ConnectionHolder {
    /** The head of a TLS record that announces 512 bytes, of which none come. */
    private static final byte[] BEGIN_OF_A_HANDSHAKE = {0x16, 0x03, 0x01, 0x02, 0x00};

    private ConnectionHolder() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        List<SocketChannel> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            if (i % 2 == 0) {
                channel.write(ByteBuffer.wrap(BEGIN_OF_A_HANDSHAKE));
            }
            channel.configureBlocking(false);
            open.add(channel);
        }
        System.out.println("open " + count);
        for (int line = System.in.read(); line >= 0; line = System.in.read()) {
            System.out.println("open " + open.stream().filter(ConnectionHolder::isOpen).count());
        }
    }

    /** Whether it neither ended nor was cut. */
    private static boolean isOpen(SocketChannel channel) {
        try {
            return channel.read(ByteBuffer.allocate(1)) == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
