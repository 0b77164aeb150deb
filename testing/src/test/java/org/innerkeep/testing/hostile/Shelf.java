package org.innerkeep.testing.hostile;

import java.util.Optional;
import org.innerkeep.channel.call.HostVisible;

/** Where the ledger's enclave has its sealed state stored. */
@HostVisible
public interface Shelf {
    void keep(String name, byte[] value);

    Optional<byte[]> fetch(String name);
}
