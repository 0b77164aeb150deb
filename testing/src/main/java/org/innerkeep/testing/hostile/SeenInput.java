package org.innerkeep.testing.hostile;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** What comes from an enclave to its host, written down. */
final class SeenInput extends FilterInputStream {
    private final Seen seen;
    private final Patience patience;

    SeenInput(InputStream in, Seen seen, Patience patience) {
        super(in);
        this.seen = seen;
        this.patience = patience;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = in.read(target, offset, length);
        if (count > 0) {
            seen.add("frames from enclaves", target, offset, count);
            patience.moved();
        }
        return count;
    }
}
