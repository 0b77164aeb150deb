package org.innerkeep.channel.file;

import java.io.IOException;
import java.io.InputStream;

/**
 * Cuts a stream into chunks of one size. Reads one byte more than a chunk, which tells whether it is the last without another try.
 * For one thread at a time.
 */
final class ChunkReader {
    private final InputStream from;
    private final int size;
    private byte next;
    private boolean more;

    ChunkReader(InputStream from, int size) {
        this.from = from;
        this.size = size;
    }

    /**
     * Reads the next chunk.
     *
     * @param into has room for a chunk and one byte more
     * @return the bytes of the chunk: as many as a chunk has, or fewer where it is the last
     * @throws IOException if reading fails, after which nothing more is to be read
     */
    int read(byte[] into) throws IOException {
        int carried = 0;
        if (more) {
            into[0] = next;
            carried = 1;
        }
        int count = carried + from.readNBytes(into, carried, size + 1 - carried);
        more = count > size;
        if (more) {
            next = into[size];
        }
        return Math.min(count, size);
    }

    /** {@return whether the stream has bytes behind the chunk that was read} */
    boolean more() {
        return more;
    }

    void close() throws IOException {
        from.close();
    }
}
