package org.innerkeep.examples.split.badly;

import org.innerkeep.channel.call.HostVisible;

/** For the operator: what countries add to scores. */
@HostVisible
public interface Weights {
    /**
     * Loads them.
     *
     * @param json an object with a number for each country
     */
    void load(String json);
}
