package org.innerkeep.channel.ring;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.Machine;
import org.innerkeep.evidence.MalformedException;

/** A file that both ends of a test map. */
final class Memory implements AutoCloseable {
    final Path file;

    Memory() throws IOException {
        file = Files.createTempFile("ring", "");
        cut(Ring.BYTES);
    }

    void cut(long length) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(length);
        }
    }

    /** What carries out requests, whether or not their callers have given up. */
    @FunctionalInterface
    interface Answering {
        byte[] answer(byte[] request) throws MalformedException;

        default Ring.Handler handler() {
            return (request, _) -> answer(request);
        }
    }

    Ring host() throws IOException {
        return Ring.map(file, Ring.Side.HOST).orElseThrow();
    }

    Ring enclave() throws IOException {
        return Ring.map(file, Ring.Side.ENCLAVE).orElseThrow();
    }

    /** For a side that does with it as it likes. */
    Region region() throws IOException {
        return Region.map(file);
    }

    /** For a side that is there and does not serve yet. */
    void arrive(Ring.Side side) throws IOException {
        region().arrive(side);
    }

    static Doorbell futex() {
        return new FutexDoorbell(new Kernel(Machine.current().orElseThrow()));
    }

    /** A frame with room for its length in front. */
    static byte[] frame(byte... content) {
        byte[] frame = new byte[Ring.PREFIX_BYTES + content.length];
        System.arraycopy(content, 0, frame, Ring.PREFIX_BYTES, content.length);
        return frame;
    }

    static long in(long millis) {
        return System.nanoTime() + millis * 1_000_000;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
