package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Cuts a stream of bytes into TLS records (RFC 8446, 5.1), so that a host can count them. What is no TLS comes as it is read.
 * For one thread.
 */
final class TlsRecords {
    static final int HEADER_BYTES = 5;
    private static final int MOST_BYTES = (1 << 14) + 256;

    private final InputStream in;
    private boolean opaque;

    TlsRecords(InputStream in) {
        this.in = in;
    }

    /** {@return the next record with its header, a piece of one at the end of the stream, or empty at its end} */
    Optional<byte[]> next() throws IOException {
        if (opaque) {
            byte[] chunk = new byte[MOST_BYTES];
            int count = in.read(chunk);
            return count < 0 ? Optional.empty() : Optional.of(Arrays.copyOf(chunk, count));
        }
        byte[] header = in.readNBytes(HEADER_BYTES);
        if (header.length == 0) {
            return Optional.empty();
        }
        int length = header.length < HEADER_BYTES ? 0 : (header[3] & 0xff) << 8 | header[4] & 0xff;
        if (header.length < HEADER_BYTES || header[0] < 20 || header[0] > 24 || header[1] != 3 || length > MOST_BYTES) {
            opaque = true;
            return Optional.of(header);
        }
        byte[] body = in.readNBytes(length);
        byte[] record = Arrays.copyOf(header, HEADER_BYTES + body.length);
        System.arraycopy(body, 0, record, HEADER_BYTES, body.length);
        return Optional.of(record);
    }
}
