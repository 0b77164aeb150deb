package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * User ids for enclaves, each given once and never again. An enclave can leave files behind that run as its user for whoever
 * starts them (the set-user-id bit), on any file system that it can write to; a later enclave of the same id would be open to
 * them. So the next id is kept in a file, and written there before it is used.
 *
 * <p>Safe for use by several threads.
 */
final class UserIds {
    /** How many ids a keeper may give from the first on. */
    static final int RANGE = 1 << 24;

    private static final int MAX_BYTES = 16;

    private final Path file;
    private final int first;
    private final int count;

    private UserIds(Path file, int first, int count) {
        this.file = file;
        this.first = first;
        this.count = count;
    }

    /**
     * The ids of a keeper. At the first use it begins at a random place in the lower half of its range, so that two keepers of
     * one range hardly meet.
     */
    static UserIds open(Path file, int first, RandomGenerator random) throws IOException {
        return open(file, first, RANGE, random.nextInt(RANGE / 2));
    }

    static UserIds open(Path file, int first, int count, int start) throws IOException {
        UserIds ids = new UserIds(file, first, count);
        if (!Files.exists(file)) {
            ids.write(first + start);
        }
        return ids;
    }

    /** The next id, which nobody was given before. */
    synchronized int next() throws IOException {
        int next = read();
        if (next < first || next >= first + count) {
            throw new IOException("all user ids for enclaves, from " + first + " to " + (first + count - 1)
                    + ", were used: give the keeper another range (--enclave-uids) and delete " + file);
        }
        write(next + 1);
        return next;
    }

    private int read() throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is damaged: expected one number");
        }
        try {
            return Integer.parseInt(Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (NumberFormatException e) {
            throw new IOException(file + " is damaged: expected one number", e);
        }
    }

    private void write(int next) throws IOException {
        PlatformKeys.writeSecret(file, (next + "\n").getBytes(StandardCharsets.US_ASCII));
    }
}
