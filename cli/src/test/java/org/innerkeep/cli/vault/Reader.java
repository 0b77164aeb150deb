package org.innerkeep.cli.vault;

import java.util.Optional;
import org.innerkeep.channel.call.HostVisible;

/** What the program under test does for its host, which is the test: a real program would give away no plaintext. */
@HostVisible
public interface Reader {
    /**
     * Opens a file to its end.
     *
     * @param vault address and key
     * @param key the key's name
     * @param file the file's name
     * @param job the job's digest
     * @return what came of it
     */
    Got read(String vault, String key, String file, Optional<byte[]> job);

    /**
     * Opens a file and keeps it open.
     *
     * @param vault address and key
     * @param key the key's name
     * @param file the file's name
     * @return what came of it, without text
     */
    Got begin(String vault, String key, String file);

    /**
     * Reads on in the file that is kept open.
     *
     * @param bytes how many
     * @return what came of it
     */
    Got next(int bytes);

    /**
     * What came of something.
     *
     * @param code of the failure; empty if there was none
     * @param text plaintext, or the message of the failure
     */
    record Got(String code, String text) {}
}
