package org.innerkeep.bench;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A bare Unix-domain socket to another JVM: what two processes need that wake each other by the kernel, with no protocol. */
final class SocketLine implements Line {
    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(EchoProcess.PREFIX + EchoProcess.MAX_MESSAGE);

    private SocketLine(SocketChannel channel) {
        this.channel = channel;
    }

    static SocketLine connect(Path path) throws IOException {
        return new SocketLine(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    }

    @Override
    public byte[] echo(byte[] message) throws IOException {
        EchoProcess.send(channel, buffer.clear().putInt(message.length).put(message).flip());
        if (!EchoProcess.receive(channel, buffer)) {
            throw new IOException("the other process has ended");
        }
        byte[] answer = new byte[buffer.getInt()];
        buffer.get(answer);
        return answer;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
