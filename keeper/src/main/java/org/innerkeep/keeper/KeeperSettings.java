package org.innerkeep.keeper;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;

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
 */
public record KeeperSettings(
        Path folder,
        Set<String> allowedUsers,
        int firstEnclaveUid,
        int maxEnclaves,
        long maxBundleBytes,
        Duration launchTimeout) {
    /** Checks the numbers. */
    public KeeperSettings {
        Objects.requireNonNull(folder, "folder");
        allowedUsers = Set.copyOf(allowedUsers);
        if (firstEnclaveUid < 1000 || maxEnclaves < 1 || maxBundleBytes < 1 || launchTimeout.isNegative()) {
            throw new IllegalArgumentException("keeper settings: user ids begin at 1000, limits are positive");
        }
    }

    /**
     * Sound settings for a folder.
     *
     * @param folder the keeper's own folder
     * @return nobody else allowed, user ids from 1879048192 on, 64 enclaves, bundles up to 1 GiB, 60 seconds
     */
    public static KeeperSettings in(Path folder) {
        return new KeeperSettings(folder, Set.of(), 0x7000_0000, 64, 1L << 30, Duration.ofSeconds(60));
    }

    /**
     * The same settings with further users allowed.
     *
     * @param users names or numbers
     * @return new settings
     */
    public KeeperSettings allowing(Set<String> users) {
        return new KeeperSettings(folder, users, firstEnclaveUid, maxEnclaves, maxBundleBytes, launchTimeout);
    }
}
