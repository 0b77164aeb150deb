package org.innerkeep.testing.hostile;

import java.util.List;

/** What the ledger's enclave offers to clients. */
public interface Ledger {
    /** Writes an entry, and returns how many there are. */
    int add(String entry);

    /** All entries, in order. */
    List<String> entries();
}
