package org.innerkeep.channel.session;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/** A TLS session as streams. Closing the input closes the session; closing the output tells the peer that nothing follows. */
final class TlsStreams {
    private final TlsChannel tls;
    private final InputStream input = new Input();
    private final OutputStream output = new Output();

    TlsStreams(TlsChannel tls) {
        this.tls = tls;
    }

    InputStream input() {
        return input;
    }

    OutputStream output() {
        return output;
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return tls.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            return tls.read(target, offset, length);
        }

        @Override
        public void close() throws IOException {
            tls.close();
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            tls.write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            tls.write(source, offset, length);
        }

        @Override
        public void close() throws IOException {
            tls.closeOutput();
        }
    }
}
