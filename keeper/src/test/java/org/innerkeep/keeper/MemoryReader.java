package org.innerkeep.keeper;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads another process's memory, as root or a process of the same user can. */
final class MemoryReader {
    private static final int CHUNK = 1 << 20;

    /**
     * What was found.
     *
     * @param hits how often the text stands in memory that could be read
     * @param readBytes how much could be read
     * @param refusedBytes how much is mapped readable and could not be read
     */
    record Found(int hits, long readBytes, long refusedBytes) {}

    private MemoryReader() {}

    static Found search(long pid, byte[] wanted) throws IOException {
        int hits = 0;
        long read = 0;
        long refused = 0;
        byte[] chunk = new byte[CHUNK + wanted.length];
        try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
                long from = Long.parseUnsignedLong(line, 0, line.indexOf('-'), 16);
                long to = Long.parseUnsignedLong(line, line.indexOf('-') + 1, line.indexOf(' '), 16);
                if (line.charAt(line.indexOf(' ') + 1) != 'r' || from < 0) {
                    continue;
                }
                for (long at = from; at < to; at += CHUNK) {
                    int length = (int) Math.min(chunk.length, to - at);
                    try {
                        memory.seek(at);
                        memory.readFully(chunk, 0, length);
                    } catch (IOException e) {
                        refused += Math.min(CHUNK, length);
                        continue;
                    }
                    read += Math.min(CHUNK, length);
                    hits += count(chunk, length, wanted);
                }
            }
        }
        return new Found(hits, read, refused);
    }

    /** Occurrences that begin in the first {@value #CHUNK} bytes; the next chunk begins there. */
    private static int count(byte[] chunk, int length, byte[] wanted) {
        int hits = 0;
        int last = Math.min(CHUNK - 1, length - wanted.length);
        for (int i = 0; i <= last; i++) {
            if (chunk[i] == wanted[0] && java.util.Arrays.equals(chunk, i, i + wanted.length, wanted, 0, wanted.length)) {
                hits++;
            }
        }
        return hits;
    }
}
