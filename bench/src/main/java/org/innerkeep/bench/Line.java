package org.innerkeep.bench;

import java.io.IOException;
import java.io.InputStream;
import org.innerkeep.bench.inside.Reading;

/** One way from this process to another that gives back what it gets. Not every way carries everything. */
interface Line extends AutoCloseable {
    /** {@return the same bytes} */
    byte[] echo(byte[] message) throws Exception;

    /** {@return an equal record} */
    default Reading echo(Reading reading) throws Exception {
        throw new UnsupportedOperationException("this way carries no records");
    }

    /** Lets the other process read a stream to its end. {@return how many bytes it read} */
    default long take(InputStream content) throws Exception {
        throw new UnsupportedOperationException("this way carries no streams");
    }

    /** {@return a stream of so many zeros from the other process} */
    default InputStream give(long bytes) throws Exception {
        throw new UnsupportedOperationException("this way carries no streams");
    }

    /**
     * Keeps so many calls under way from few threads.
     *
     * @return calls in a second
     */
    default double outstanding(byte[] message, int calls, long millis) throws Exception {
        throw new UnsupportedOperationException("this way has blocking calls only");
    }

    @Override
    void close() throws IOException;
}
