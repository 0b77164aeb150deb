package org.innerkeep.testing.hostile;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every byte that the host saw in one run: what it carried for clients in both directions, frames of typed calls in both
 * directions, and what it stored. Safe for use by several threads.
 */
public final class Seen {
    private final Map<String, ByteArrayOutputStream> streams = new LinkedHashMap<>();

    Seen() {}

    synchronized void add(String stream, byte[] bytes, int offset, int length) {
        streams.computeIfAbsent(stream, name -> new ByteArrayOutputStream()).write(bytes, offset, length);
    }

    void add(String stream, byte[] bytes) {
        add(stream, bytes, 0, bytes.length);
    }

    /** {@return how many bytes there are} */
    public synchronized long bytes() {
        return streams.values().stream().mapToLong(ByteArrayOutputStream::size).sum();
    }

    /** {@return where the bytes were seen, such as {@code connection 2, record} or {@code stored input}} */
    public synchronized List<String> places() {
        return List.copyOf(streams.keySet());
    }

    /**
     * Searches for pieces of secrets, raw, in hexadecimal and in Base64.
     *
     * @param needles 8 bytes or more each, at least one
     * @return where the first one was found, never the secret itself
     */
    public Optional<String> find(Iterable<byte[]> needles) {
        return find(new Needles(needles));
    }

    synchronized Optional<String> find(Needles needles) {
        for (Map.Entry<String, ByteArrayOutputStream> stream : streams.entrySet()) {
            int at = needles.in(stream.getValue().toByteArray());
            if (at >= 0) {
                return Optional.of(stream.getKey() + ", byte " + at);
            }
        }
        return Optional.empty();
    }
}
