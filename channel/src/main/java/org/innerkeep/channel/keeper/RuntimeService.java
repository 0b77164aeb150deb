package org.innerkeep.channel.keeper;

import java.util.Map;
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

    /** {@return the program's counters by name; public} */
    Map<String, Long> counters();

    /**
     * What the program has logged since the last time, sealed to whom the program names.
     *
     * @return an age file; empty if nothing was logged, or the program has no log
     */
    Optional<byte[]> takeLog();
}
