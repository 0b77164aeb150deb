package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.innerkeep.channel.release.ReleaseTerms;
import org.innerkeep.enclave.VaultStream;
import org.innerkeep.evidence.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Plaintext that is given out only while its lease lasts. The first failure of the lease is the end, and is told again. For one
 * thread.
 */
final class LeasedStream extends VaultStream {
    private final InputStream plain;
    private final LeasedKey key;
    private final boolean owned;
    private @Nullable IOException failure;
    private boolean closed;

    LeasedStream(InputStream plain, LeasedKey key, boolean owned) {
        this.plain = plain;
        this.key = key;
        this.owned = owned;
    }

    @Override
    public ReleaseTerms terms() {
        return key.terms();
    }

    @Override
    public Bytes header() {
        return key.header();
    }

    private void check() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (closed) {
            throw new IOException("the stream is closed");
        }
        try {
            key.check();
        } catch (IOException e) {
            failure = e;
            // Wipes what is decrypted and not read, and the key of the payload.
            try {
                plain.close();
            } catch (IOException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
    }

    @Override
    public int read() throws IOException {
        check();
        int read = plain.read();
        // A host that is slow to give bytes must not stretch the lease.
        check();
        return read;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        check();
        int count = plain.read(into, offset, length);
        boolean permitted = false;
        try {
            check();
            permitted = true;
            return count;
        } finally {
            if (!permitted && count > 0) {
                Arrays.fill(into, offset, offset + count, (byte) 0);
            }
        }
    }

    @Override
    public int available() throws IOException {
        check();
        return plain.available();
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            plain.close();
        } finally {
            if (owned) {
                key.close();
            }
        }
    }
}
