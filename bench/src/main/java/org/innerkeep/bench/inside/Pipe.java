package org.innerkeep.bench.inside;

import java.io.InputStream;
import org.innerkeep.channel.call.HostVisible;

/** Streams both ways, with nothing done to what they carry. */
@HostVisible
public interface Pipe {
    /**
     * Reads a stream to its end.
     *
     * @param content any bytes
     * @return how many they were
     */
    long take(InputStream content);

    /**
     * Gives a stream.
     *
     * @param bytes how long it is to be
     * @return so many zeros
     */
    InputStream give(long bytes);
}
