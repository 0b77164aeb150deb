package org.innerkeep.testing.hostile;

import org.innerkeep.channel.call.HostVisible;

/** What the ledger's enclave offers to its host. */
@HostVisible
public interface Desk {
    /** Sets what is printed on the ledger, and returns what was. */
    String title(String title);

    int pages();
}
