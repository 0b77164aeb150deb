package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;

/** Encodes in batches of whole lines. For one thread. */
final class ArmorWriter extends OutputStream {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(Armor.COLUMNS, new byte[] {'\n'});

    private final OutputStream to;
    private final byte[] pending = new byte[128 * Armor.LINE_BYTES];
    private int filled;
    private boolean closed;

    ArmorWriter(OutputStream to) throws IOException {
        this.to = to;
        to.write((Armor.BEGIN + "\n").getBytes(US_ASCII));
    }

    @Override
    public void write(int value) throws IOException {
        checkOpen();
        pending[filled++] = (byte) value;
        if (filled == pending.length) {
            writePending();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        checkOpen();
        int at = offset;
        int end = offset + length;
        while (at < end) {
            int count = Math.min(end - at, pending.length - filled);
            System.arraycopy(bytes, at, pending, filled, count);
            filled += count;
            at += count;
            if (filled == pending.length) {
                writePending();
            }
        }
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("the armor is already finished");
        }
    }

    private void writePending() throws IOException {
        if (filled > 0) {
            byte[] batch = filled == pending.length ? pending : Arrays.copyOf(pending, filled);
            filled = 0;
            to.write(LINES.encode(batch));
            to.write('\n');
        }
    }

    /** Passes on whole batches; a line that is not full can only be written when it is the last. */
    @Override
    public void flush() throws IOException {
        to.flush();
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (to) {
            writePending();
            to.write((Armor.END + "\n").getBytes(US_ASCII));
        }
    }
}
