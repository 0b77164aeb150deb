package org.innerkeep.channel.keeper;

import java.util.Optional;
import org.innerkeep.channel.call.HostVisible;

/** What the runtime inside every enclave offers to the host, beside the program's own interfaces. */
@HostVisible
public interface RuntimeService {
    /**
     * Waits until the program has started or failed to.
     *
     * @return the class name of what the program threw; empty if it started. After a failure the enclave ends.
     */
    Optional<String> awaitStart();
}
