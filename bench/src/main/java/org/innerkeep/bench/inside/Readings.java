package org.innerkeep.bench.inside;

import org.innerkeep.channel.call.HostVisible;

/** A record each way. */
@HostVisible
public interface Readings {
    /**
     * Gives back what it gets.
     *
     * @param reading any reading
     * @return an equal one
     */
    Reading echo(Reading reading);
}
