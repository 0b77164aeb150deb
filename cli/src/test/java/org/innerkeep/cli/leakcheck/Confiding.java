package org.innerkeep.cli.leakcheck;

import java.util.List;

/** What {@link HoldingEnclave} takes from its clients. */
public interface Confiding {
    /**
     * Confides rows and a key, which the enclave works with and keeps.
     *
     * @param rows any
     * @param key 32 bytes
     * @return how many rows it keeps now
     */
    int confide(List<String> rows, byte[] key);
}
