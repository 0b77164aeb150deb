package org.innerkeep.channel.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Opens a payload chunk by chunk. A chunk's plaintext is handed out once the chunk is proven; the end is reported once a last
 * chunk is proven and nothing follows it. For one thread.
 */
final class UnsealingStream extends InputStream {
    private final ChunkReader reader;
    private final PayloadCipher cipher;
    /** A chunk and the one byte more that is read. */
    private final byte[] sealed = new byte[PayloadCipher.SEALED_CHUNK + 1];
    /** Apart from the sealed bytes, so that nothing unproven is ever where plaintext is handed out from. */
    private final byte[] plain = new byte[PayloadCipher.CHUNK];

    private int position;
    private int limit;
    private long index;
    private boolean ended;
    private boolean closed;
    private @Nullable IOException failure;

    UnsealingStream(InputStream from, PayloadCipher cipher) {
        this.reader = new ChunkReader(from, PayloadCipher.SEALED_CHUNK);
        this.cipher = cipher;
    }

    @Override
    public int read() throws IOException {
        return ready() ? plain[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (!ready()) {
            return -1;
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(plain, position, into, offset, count);
        position += count;
        return count;
    }

    /** Chunk by chunk, without a copy in between. */
    @Override
    public long transferTo(OutputStream to) throws IOException {
        Objects.requireNonNull(to, "to");
        long count = 0;
        while (ready()) {
            to.write(plain, position, limit - position);
            count += limit - position;
            position = limit;
        }
        return count;
    }

    /** {@return the bytes that are proven and can be read without touching the stream below} */
    @Override
    public int available() throws IOException {
        return limit - position;
    }

    /** Makes at least one byte ready. {@return false at the proven end of the file} */
    private boolean ready() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
        if (position < limit) {
            return true;
        }
        if (failure == null && !ended) {
            try {
                nextChunk();
            } catch (IOException e) {
                failure = e;
            } finally {
                if (failure != null || ended) {
                    cipher.close();
                }
            }
        }
        if (position < limit) {
            return true;
        }
        if (failure != null) {
            throw failure;
        }
        return false;
    }

    private void nextChunk() throws IOException {
        position = 0;
        limit = 0;
        int length = reader.read(sealed);
        boolean last = !reader.more();
        OpenedChunk chunk = OpenedChunk.open(cipher, index, last, sealed, length, plain);
        limit = chunk.length();
        if (chunk.failure().isPresent()) {
            failure = chunk.failure().get();
        }
        ended = last;
        index++;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        position = 0;
        limit = 0;
        cipher.close();
        Arrays.fill(plain, (byte) 0);
        reader.close();
    }
}
