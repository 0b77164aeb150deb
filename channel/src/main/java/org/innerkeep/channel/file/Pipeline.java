package org.innerkeep.channel.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Seals or opens a whole payload by several threads in bounded memory. The caller's thread alone reads and writes, in order, so that
 * streams are used as if there were no other; it works too while it would else wait. The others only compute: they can always be
 * waited for, and none outlives the call. They are started when a first batch was not the whole payload.
 *
 * <p>With one thread nothing is started and one chunk is held. For one thread.
 */
final class Pipeline implements AutoCloseable {
    /** More threads than that would wait for the one that reads and writes. */
    static final int MAX_THREADS = 32;

    /** Chunks that one thread works on at a time: enough that handing over does not count, half a mebibyte. */
    static final int CHUNKS = 8;

    private record Work(Batch batch, FutureTask<?> task) {}

    private final ChunkReader reader;
    private final OutputStream to;
    private final int threads;
    private final int mostBatches;
    private final int chunks;
    private final IntFunction<Batch> maker;
    private final List<Batch> made = new ArrayList<>();
    private final Deque<Batch> free = new ArrayDeque<>();
    private final Deque<Work> underWay = new ArrayDeque<>();
    private @Nullable ExecutorService helpers;
    private @Nullable IOException unread;
    private long index;
    private long plaintext;

    private Pipeline(InputStream from, int chunk, OutputStream to, Workers workers, IntFunction<Batch> maker) {
        this.reader = new ChunkReader(from, chunk);
        this.to = to;
        this.threads = Math.min(workers.threads(), MAX_THREADS);
        // One for each thread, one that is filled and one that waits to be written.
        this.mostBatches = this.threads == 1 ? 1 : this.threads + 2;
        this.chunks = this.threads == 1 ? 1 : CHUNKS;
        this.maker = maker;
    }

    /**
     * Seals a source to its end.
     *
     * @param cipher stays the caller's to close
     * @return the bytes of plaintext
     */
    static long seal(InputStream from, OutputStream to, PayloadCipher cipher, Workers workers) throws IOException {
        try (Pipeline pipeline = new Pipeline(
                from, PayloadCipher.CHUNK, to, workers, most -> new SealingBatch(cipher.twin(workers.provider()), most))) {
            return pipeline.run();
        }
    }

    /**
     * Opens a source to its end. Writes nothing that is not proven, and everything that is before it fails.
     *
     * @param cipher stays the caller's to close
     * @return the bytes of plaintext
     */
    static long open(InputStream from, OutputStream to, PayloadCipher cipher, Workers workers) throws IOException {
        try (Pipeline pipeline = new Pipeline(
                from, PayloadCipher.SEALED_CHUNK, to, workers, most -> new OpeningBatch(cipher.twin(workers.provider()), most))) {
            return pipeline.run();
        }
    }

    private long run() throws IOException {
        for (boolean more = true; more; ) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted after " + plaintext + " bytes of plaintext");
            }
            Batch batch = emptyBatch();
            more = fill(batch);
            begin(batch, more);
            while (!underWay.isEmpty() && (!more || full() || underWay.getFirst().task().isDone())) {
                finishOldest();
            }
        }
        if (unread != null) {
            throw unread;
        }
        to.flush();
        return plaintext;
    }

    private boolean full() {
        return free.isEmpty() && made.size() == mostBatches;
    }

    private Batch emptyBatch() {
        Batch batch = free.poll();
        if (batch == null) {
            batch = maker.apply(chunks);
            made.add(batch);
        }
        return batch;
    }

    /** A failure to read is kept until what came before it is written. {@return whether more follows} */
    private boolean fill(Batch batch) {
        try {
            return batch.fill(reader, index);
        } catch (IOException e) {
            unread = e;
            return false;
        } finally {
            index += batch.count();
        }
    }

    private void begin(Batch batch, boolean more) {
        FutureTask<?> task = new FutureTask<>(batch::work, null);
        underWay.add(new Work(batch, task));
        if (threads > 1 && (more || helpers != null)) {
            helpers().execute(task);
        }
    }

    private ExecutorService helpers() {
        if (helpers == null) {
            helpers = Executors.newFixedThreadPool(
                threads - 1, Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name("sealed-file-", 1).factory());
        }
        return helpers;
    }

    private void finishOldest() throws IOException {
        Work oldest = underWay.getFirst();
        for (Work each : underWay) {
            if (oldest.task().isDone()) {
                break;
            }
            // Does nothing where another thread has begun.
            each.task().run();
        }
        await(oldest.task());
        underWay.removeFirst();
        plaintext += oldest.batch().writeTo(to);
        free.add(oldest.batch());
    }

    /** Another thread computes, for less than a millisecond: an interrupt is left for {@link #run}. */
    private static void await(FutureTask<?> task) {
        boolean interrupted = false;
        while (true) {
            try {
                task.get();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new IllegalStateException("a chunk could not be worked on", e.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until nobody works any more, and wipes. */
    @Override
    public void close() {
        if (helpers != null) {
            helpers.shutdownNow();
            helpers.close();
        }
        made.forEach(Batch::close);
    }
}
