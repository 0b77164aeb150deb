package org.innerkeep.channel.file;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.channel.internal.hpke.ChaCha20Poly1305;
import org.jspecify.annotations.Nullable;

/**
 * Opens a payload chunk by chunk. A chunk's plaintext is handed out once the chunk is proven; the end is reported once a last
 * chunk is proven and nothing follows it. For one thread.
 */
final class UnsealingStream extends InputStream {
    private final InputStream from;
    private final PayloadCipher cipher;
    /** A chunk and one byte more, which tells whether the chunk is the last without trying both. */
    private final byte[] sealed = new byte[PayloadCipher.SEALED_CHUNK + 1];
    /** Apart from the sealed bytes, so that nothing unproven is ever where plaintext is handed out from. */
    private final byte[] plain = new byte[PayloadCipher.CHUNK];

    private int position;
    private int limit;
    private int carried;
    private long index;
    private boolean ended;
    private boolean closed;
    private @Nullable IOException failure;

    UnsealingStream(InputStream from, PayloadCipher cipher) {
        this.from = from;
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
        int read = carried + from.readNBytes(sealed, carried, sealed.length - carried);
        boolean last = read < sealed.length;
        int length = Math.min(read, PayloadCipher.SEALED_CHUNK);
        if (length < ChaCha20Poly1305.TAG) {
            throw failure(Code.PAYLOAD_TRUNCATED, "the file ends before its final chunk");
        }
        int count = cipher.open(index, last, sealed, length, plain);
        if (count < 0) {
            diagnose(last, length);
            return;
        }
        if (last && count == 0 && index > 0) {
            throw failure(Code.PAYLOAD_MODIFIED, "the final chunk is empty in a file that is not");
        }
        limit = count;
        ended = last;
        if (!last) {
            sealed[0] = sealed[PayloadCipher.SEALED_CHUNK];
            carried = 1;
            index++;
        }
    }

    /**
     * Finds out why a chunk is not what its place asks for. A whole chunk that is proven in the other role is handed out all the
     * same, before the failure: it is where it belongs, only what follows is wrong.
     */
    private void diagnose(boolean last, int length) throws IOException {
        int count = cipher.open(index, !last, sealed, length, plain);
        if (count < 0) {
            throw failure(Code.PAYLOAD_MODIFIED,
                "it was changed or moved after sealing" + (last ? ", or the file was cut inside it" : ""));
        }
        SealedFileException found = last
            ? failure(Code.PAYLOAD_TRUNCATED, "the file ends after it and it is not the final one")
            : failure(Code.PAYLOAD_TRAILING_BYTES, "it is the final one and more bytes follow");
        if (length < PayloadCipher.SEALED_CHUNK) {
            throw found;
        }
        limit = count;
        failure = found;
    }

    private SealedFileException failure(Code code, String problem) {
        return new SealedFileException(code, "sealed file, chunk " + index + " (plaintext from byte "
            + index * PayloadCipher.CHUNK + "): " + problem);
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
        from.close();
    }
}
