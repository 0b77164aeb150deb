package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What the kernel says of a running process: of each of its threads, for all of these belong to threads.
 *
 * @param noNewPrivileges whether nothing that it executes can give it rights
 * @param filtered whether a filter of system calls is in force
 */
record InForce(boolean noNewPrivileges, boolean filtered) {
    private static final Pattern NO_NEW_PRIVILEGES = Pattern.compile("(?m)^NoNewPrivs:\\s+1$");
    private static final Pattern FILTERED = Pattern.compile("(?m)^Seccomp:\\s+2$");

    /**
     * Reads it.
     *
     * @param pid the process's id
     * @return what holds for all its threads
     * @throws IOException if the process has ended
     */
    static InForce of(long pid) throws IOException {
        boolean noNewPrivileges = true;
        boolean filtered = true;
        int seen = 0;
        try (var threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads) {
                String status;
                try {
                    status = Files.readString(thread.resolve("status"), StandardCharsets.ISO_8859_1);
                } catch (IOException e) {
                    if (Files.exists(thread)) {
                        throw e;
                    }
                    // It has ended since it was listed.
                    continue;
                }
                noNewPrivileges &= NO_NEW_PRIVILEGES.matcher(status).find();
                filtered &= FILTERED.matcher(status).find();
                seen++;
            }
        }
        if (seen == 0) {
            throw new IOException("process " + pid + " has ended");
        }
        return new InForce(noNewPrivileges, filtered);
    }
}
