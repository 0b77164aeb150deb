package org.innerkeep.vault.azure;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.VaultKey;

/**
 * Rotates keys when their rotation policy says so, looked at once an hour. Where several instances share a store, two may rotate one key
 * within the same moment: then it has one version more than it needs, which harms nothing.
 */
final class AutomaticRotation implements AutoCloseable {
    private static final Logger LOG = System.getLogger("org.innerkeep.vault.azure");
    private static final String BY = "rotation policy";
    private static final int PAGE = 100;

    private final KeyStore store;
    private final KeyOperations keys;
    private final InstantSource clock;
    private final ScheduledExecutorService hourly =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("key-rotation").factory());
    private final ScheduledFuture<?> next;

    AutomaticRotation(KeyStore store, KeyOperations keys, InstantSource clock) {
        this.store = store;
        this.keys = keys;
        this.clock = clock;
        this.next = hourly.scheduleWithFixedDelay(this::runQuietly, 1, 60, TimeUnit.MINUTES);
    }

    private void runQuietly() {
        try {
            run();
        } catch (RuntimeException e) {
            // The next hour tries again; without this it would not.
            LOG.log(Level.ERROR, "automatic rotation of keys failed: " + e.getClass().getName());
        }
    }

    /** Looks at every key once. */
    int run() {
        int rotated = 0;
        try {
            Optional<KeyName> after = Optional.empty();
            do {
                KeyStore.Page page = store.list(false, after.map(KeyName::place).orElse(""), PAGE);
                for (VaultKey key : page.keys()) {
                    rotated += due(key) && rotate(key) ? 1 : 0;
                }
                after = page.next();
            } while (after.isPresent());
        } catch (StoreException e) {
            LOG.log(Level.WARNING, "automatic rotation of keys: the store cannot be read: " + e.code());
        }
        return rotated;
    }

    private boolean due(VaultKey key) {
        if (!KeyOperations.shown(key) || key.rotation().length() == 0) {
            return false;
        }
        KeyVersion newest = key.newest();
        Instant now = clock.instant();
        boolean due = newest.settings().enabled()
                && keys.rotation(key).rotates(newest.created(), newest.settings().expires()).filter(at -> !now.isBefore(at)).isPresent();
        if (due && key.versions().size() >= VaultKey.MAX_VERSIONS) {
            LOG.log(Level.WARNING, "key " + key.name() + " is to be rotated and is not: it has " + VaultKey.MAX_VERSIONS
                    + " versions, which is the most; make another key");
            return false;
        }
        return due;
    }

    private boolean rotate(VaultKey key) {
        try {
            keys.rotate(key.name(), BY);
            return true;
        } catch (RefusedException | StoreException e) {
            LOG.log(Level.WARNING, "key " + key.name() + " was to be rotated: " + e.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        next.cancel(true);
        hourly.shutdownNow();
    }
}
