package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel says of a running process: of each of its threads, for all of these belong to threads.
 *
 * @param noNewPrivileges whether nothing that it executes can give it rights
 * @param filters the fewest filters of system calls that one of its threads has; {@link #UNCOUNTED} if there are some, and the kernel,
 *     older than 5.9, does not count them
 * @param capabilities what one of its threads may do, or may take, beyond its user's rights: one bit for each capability
 */
record InForce(boolean noNewPrivileges, int filters, long capabilities) {
    static final int UNCOUNTED = Integer.MAX_VALUE;

    private static final Pattern NO_NEW_PRIVILEGES = Pattern.compile("(?m)^NoNewPrivs:\\s+1$");
    private static final Pattern FILTERED = Pattern.compile("(?m)^Seccomp:\\s+2$");
    private static final Pattern FILTERS = Pattern.compile("(?m)^Seccomp_filters:\\s+(\\d{1,9})$");
    private static final Pattern CAPABILITIES = Pattern.compile("(?m)^Cap(?:Inh|Prm|Eff|Amb):\\s+([0-9a-f]{16})$");

    /**
     * Reads it.
     *
     * @param pid the process's id
     * @return what holds for all its threads
     * @throws IOException if the process has ended
     */
    static InForce of(long pid) throws IOException {
        boolean noNewPrivileges = true;
        int filters = UNCOUNTED;
        long capabilities = 0;
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
                filters = Math.min(filters, filters(status));
                capabilities |= capabilities(status);
                seen++;
            }
        }
        if (seen == 0) {
            throw new IOException("process " + pid + " has ended");
        }
        return new InForce(noNewPrivileges, filters, capabilities);
    }

    private static int filters(String status) {
        if (!FILTERED.matcher(status).find()) {
            return 0;
        }
        Matcher counted = FILTERS.matcher(status);
        return counted.find() ? Integer.parseInt(counted.group(1)) : UNCOUNTED;
    }

    /** Of a status without these lines everything is believed. */
    private static long capabilities(String status) {
        Matcher sets = CAPABILITIES.matcher(status);
        long all = sets.find() ? 0 : -1;
        sets.reset();
        while (sets.find()) {
            all |= Long.parseUnsignedLong(sets.group(1), 16);
        }
        return all;
    }

    /**
     * Tells whether a process that was started by another has as many filters as it was started with.
     *
     * @param starter the process that started it, whose filters it inherited
     * @param added how many it was given beyond those
     */
    boolean hasFiltersBeyond(InForce starter, int added) {
        return filters == UNCOUNTED || filters >= (starter.filters == UNCOUNTED ? 0 : starter.filters) + added;
    }
}
