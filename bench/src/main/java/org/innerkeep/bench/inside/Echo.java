package org.innerkeep.bench.inside;

import org.innerkeep.channel.call.HostVisible;

/** The least that a call can do, so that the call itself is measured. */
@HostVisible
public interface Echo {
    /**
     * Gives back what it gets.
     *
     * @param message any bytes
     * @return the same bytes
     */
    byte[] echo(byte[] message);
}
