package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a keeper's administrator decides.
 *
 * @param folder the keeper's own folder, made at the first start; nobody else may write in it
 * @param allowedUsers names or numbers of users who may start enclaves, beside the keeper's own user and root
 * @param firstEnclaveUid the first of the user ids for enclaves, used where the keeper may switch users; no account may
 *     have one of them
 * @param maxEnclaves the most enclaves at once
 * @param maxBundleBytes the largest bundle accepted
 * @param launchTimeout how long an enclave may take from its start until it waits for its host
 * @param maxSecretHeapBytes the most memory that the secret heaps of all enclaves may lock together, their rounding included
 */
public record KeeperSettings(
        Path folder,
        Set<String> allowedUsers,
        int firstEnclaveUid,
        int maxEnclaves,
        long maxBundleBytes,
        Duration launchTimeout,
        long maxSecretHeapBytes) {
    /** Where the machine does not say how much memory it has. */
    private static final long UNKNOWN_MEMORY_BYTES = 4L << 30;

    private static final Pattern MEMORY = Pattern.compile("(?m)^MemTotal: +(\\d{1,15}) kB$");

    /** Checks the numbers. */
    public KeeperSettings {
        Objects.requireNonNull(folder, "folder");
        allowedUsers = Set.copyOf(allowedUsers);
        if (firstEnclaveUid < 1000 || maxEnclaves < 1 || maxBundleBytes < 1 || launchTimeout.isNegative()
                || maxSecretHeapBytes < 0) {
            throw new IllegalArgumentException("keeper settings: user ids begin at 1000, limits are positive");
        }
    }

    /**
     * Sound settings for a folder.
     *
     * @param folder the keeper's own folder
     * @return nobody else allowed, user ids from 1879048192 on, 64 enclaves, bundles up to 1 GiB, 60 seconds, half of the
     *     machine's memory for secret heaps
     */
    public static KeeperSettings in(Path folder) {
        return new KeeperSettings(folder, Set.of(), 0x7000_0000, 64, 1L << 30, Duration.ofSeconds(60), halfOfMemory());
    }

    /**
     * The same settings with further users allowed.
     *
     * @param users names or numbers
     * @return new settings
     */
    public KeeperSettings allowing(Set<String> users) {
        return new KeeperSettings(folder, users, firstEnclaveUid, maxEnclaves, maxBundleBytes, launchTimeout, maxSecretHeapBytes);
    }

    /** Locked memory is never swapped, so the rest of the machine must live with the other half. */
    private static long halfOfMemory() {
        try {
            Matcher memory = MEMORY.matcher(Files.readString(Path.of("/proc/meminfo"), StandardCharsets.US_ASCII));
            return memory.find() ? Long.parseLong(memory.group(1)) * 1024 / 2 : UNKNOWN_MEMORY_BYTES;
        } catch (IOException e) {
            return UNKNOWN_MEMORY_BYTES;
        }
    }
}
