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

    /** {@return how it stands now, by the last change that was asked for} */
    Standing standing();

    /** How a service stands. */
    enum Standing {
        /** It did not start. */
        NOT_SERVING,
        /** All is well. */
        SERVING,
        /** The last change was not made: the host did not keep it, there is no room, or the change itself could not be made. */
        FAILING,
        /** It answers nobody any more, as what is kept may be something else than what it knows: end it, and start it again. */
        OVER
    }

    /**
     * How the start ended.
     *
     * @param serving whether it serves
     * @param lines what to tell whoever started it, as lines of a word and what it is; or why it does not serve
     */
    record Report(boolean serving, List<String> lines) {}
}
