package org.innerkeep.inside;

import java.util.List;
import org.innerkeep.channel.call.HostVisible;

/**
 * What a service in an enclave tells its host; nothing of it is secret, and whoever reads it there has only the host's word for
 * it.
 */
@HostVisible
public interface ServedInside {
    /** {@return how its start ended} */
    Report report();

    /**
     * How the start ended.
     *
     * @param serving whether it serves
     * @param lines what to tell whoever started it, as lines of a word and what it is; or why it does not serve
     */
    record Report(boolean serving, List<String> lines) {}
}
