package org.innerkeep.channel.file;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Some chunks in a row, which a {@link Pipeline} reads, has worked on and writes, again and again. For one thread at a time; closed
 * when nobody works on it.
 */
abstract sealed class Batch implements AutoCloseable permits SealingBatch, OpeningBatch {
    private final int most;
    private final int room;
    /** Made as they are needed, since many files have one chunk. */
    private final List<byte[]> chunks = new ArrayList<>();
    private final int[] lengths;
    private int count;
    private long first;
    private boolean ended;

    /**
     * Of so many chunks.
     *
     * @param most how many
     * @param room bytes for each: as it is read and one byte more, or as it is written
     */
    Batch(int most, int room) {
        this.most = most;
        this.room = room;
        this.lengths = new int[most];
    }

    /**
     * Reads what comes next. If reading fails, the batch has the chunks that were whole, and none of them is the last.
     *
     * @param index of the first chunk
     * @return whether more follows
     * @throws IOException if reading fails
     */
    final boolean fill(ChunkReader reader, long index) throws IOException {
        count = 0;
        first = index;
        ended = false;
        while (count < most && !ended) {
            if (count == chunks.size()) {
                chunks.add(new byte[room]);
            }
            lengths[count] = reader.read(chunks.get(count));
            count++;
            ended = !reader.more();
        }
        return !ended;
    }

    /** {@return how many chunks it has} */
    final int count() {
        return count;
    }

    /** {@return the place of a chunk in the payload} */
    final long index(int chunk) {
        return first + chunk;
    }

    /** {@return whether a chunk is the payload's last} */
    final boolean last(int chunk) {
        return ended && chunk == count - 1;
    }

    final byte[] bytes(int chunk) {
        return chunks.get(chunk);
    }

    final int length(int chunk) {
        return lengths[chunk];
    }

    /** Seals or opens what was read. */
    abstract void work();

    /**
     * Writes what came of it.
     *
     * @return how many bytes of plaintext it was
     * @throws SealedFileException if a chunk is refused, after what stands before it was written
     * @throws IOException if writing fails
     */
    abstract long writeTo(OutputStream to) throws IOException;

    /** Wipes the key, and what may be plaintext. */
    @Override
    public void close() {
        wipe(chunks);
    }

    static void wipe(List<byte[]> arrays) {
        arrays.forEach(each -> Arrays.fill(each, (byte) 0));
    }
}
