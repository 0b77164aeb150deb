package org.innerkeep.channel.file;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Seals a payload chunk by chunk in one buffer. For one thread. */
final class SealingStream extends OutputStream {
    private final OutputStream to;
    private final PayloadCipher cipher;
    private final byte[] buffer = new byte[PayloadCipher.SEALED_CHUNK];
    private int filled;
    private long index;
    private boolean finished;
    private boolean closed;
    private @Nullable IOException failure;

    SealingStream(OutputStream to, PayloadCipher cipher) {
        this.to = to;
        this.cipher = cipher;
    }

    @Override
    public void write(int value) throws IOException {
        makeRoom();
        buffer[filled++] = (byte) value;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        checkUsable();
        int at = offset;
        int end = offset + length;
        while (at < end) {
            makeRoom();
            if (filled == 0 && end - at > PayloadCipher.CHUNK) {
                // From where it is, without a copy: another byte follows.
                writeChunk(false, bytes, at, PayloadCipher.CHUNK);
                at += PayloadCipher.CHUNK;
                continue;
            }
            int count = Math.min(end - at, PayloadCipher.CHUNK - filled);
            System.arraycopy(bytes, at, buffer, filled, count);
            filled += count;
            at += count;
        }
    }

    /** A full chunk is written only when another byte comes: the last chunk is marked, and is empty only in an empty file. */
    private void makeRoom() throws IOException {
        checkUsable();
        if (filled == PayloadCipher.CHUNK) {
            writeBuffer(false);
        }
    }

    private void writeBuffer(boolean last) throws IOException {
        int length = filled;
        filled = 0;
        writeChunk(last, buffer, 0, length);
    }

    private void writeChunk(boolean last, byte[] plain, int offset, int plainLength) throws IOException {
        int length = cipher.seal(index++, last, plain, offset, plainLength, buffer);
        try {
            to.write(buffer, 0, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    private void checkUsable() throws IOException {
        if (failure != null) {
            // Not the first exception itself: try-with-resources cannot suppress an exception in favour of itself.
            throw new IOException("an earlier write failed, the sealed file is incomplete", failure);
        }
        if (finished || closed) {
            throw new IOException("the sealed file is already finished");
        }
    }

    /** Passes on what was written so far except for the chunk being filled, whose bytes cannot be sent before it is complete. */
    @Override
    public void flush() throws IOException {
        to.flush();
    }

    private void finish() throws IOException {
        checkUsable();
        writeBuffer(true);
        finished = true;
        wipe();
        to.flush();
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        try (to) {
            if (!finished) {
                finish();
            }
        } finally {
            closed = true;
            wipe();
        }
    }

    private void wipe() {
        cipher.close();
        Arrays.fill(buffer, (byte) 0);
    }
}
