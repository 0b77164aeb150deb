package org.innerkeep.channel.release;

import java.time.Duration;
import java.util.Optional;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.evidence.Bytes;

/**
 * A file key that a vault released.
 *
 * @param fileKey the key, to be closed
 * @param terms under which it was released
 * @param lease how long it may be used, from before the challenge was asked for on, by a clock that the host cannot turn; nothing where it
 *     may for ever
 * @param receipt of the vault's log; empty where there is none
 */
public record ReleasedKey(FileKey fileKey, ReleaseTerms terms, Optional<Duration> lease, Bytes receipt) implements AutoCloseable {
    /** Wipes the file key. */
    @Override
    public void close() {
        fileKey.close();
    }
}
