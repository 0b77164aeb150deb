package org.innerkeep.cli.vault;

import org.innerkeep.channel.call.HostVisible;
import org.innerkeep.cli.vault.Reader.Got;

/** What the program under test does for its host, which is the test: a real program would give away no plaintext. */
@HostVisible
public interface Notebook {
    /**
     * Stores a value.
     *
     * @param vault address and key of the vault whose register counts; empty for none
     * @param value the value
     * @return its version
     */
    Got write(String vault, String value);

    /**
     * Reads the value.
     *
     * @param vault as above
     * @return its freshness and text, or what failed
     */
    Got read(String vault);
}
