package org.innerkeep.channel.file;

import java.io.IOException;
import java.io.OutputStream;

/** Seals each chunk where it was read to. */
final class SealingBatch extends Batch {
    private final PayloadCipher cipher;
    private final int[] sealed;

    SealingBatch(PayloadCipher owned, int most) {
        // The tag needs more room than the one byte that is read ahead.
        super(most, PayloadCipher.SEALED_CHUNK);
        this.cipher = owned;
        this.sealed = new int[most];
    }

    @Override
    void work() {
        for (int i = 0; i < count(); i++) {
            sealed[i] = cipher.seal(index(i), last(i), bytes(i), 0, length(i), bytes(i));
        }
    }

    @Override
    long writeTo(OutputStream to) throws IOException {
        long plaintext = 0;
        for (int i = 0; i < count(); i++) {
            to.write(bytes(i), 0, sealed[i]);
            plaintext += length(i);
        }
        return plaintext;
    }

    @Override
    public void close() {
        cipher.close();
        super.close();
    }
}
