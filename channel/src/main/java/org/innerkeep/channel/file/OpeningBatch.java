package org.innerkeep.channel.file;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Opens chunks, up to the first that is refused. */
final class OpeningBatch extends Batch {
    private final PayloadCipher cipher;
    /** Apart from the sealed bytes, so that nothing unproven is ever where plaintext is written from. */
    private final List<byte[]> plain = new ArrayList<>();
    private final List<OpenedChunk> opened = new ArrayList<>();

    OpeningBatch(PayloadCipher owned, int most) {
        super(most, PayloadCipher.SEALED_CHUNK + 1);
        this.cipher = owned;
    }

    @Override
    void work() {
        opened.clear();
        for (int i = 0; i < count(); i++) {
            if (i == plain.size()) {
                plain.add(new byte[PayloadCipher.CHUNK]);
            }
            OpenedChunk chunk = OpenedChunk.open(cipher, index(i), last(i), bytes(i), length(i), plain.get(i));
            opened.add(chunk);
            if (chunk.failure().isPresent()) {
                return;
            }
        }
    }

    @Override
    long writeTo(OutputStream to) throws IOException {
        long plaintext = 0;
        for (int i = 0; i < opened.size(); i++) {
            OpenedChunk chunk = opened.get(i);
            to.write(plain.get(i), 0, chunk.length());
            plaintext += chunk.length();
            if (chunk.failure().isPresent()) {
                throw chunk.failure().get();
            }
        }
        return plaintext;
    }

    @Override
    public void close() {
        cipher.close();
        wipe(plain);
        super.close();
    }
}
