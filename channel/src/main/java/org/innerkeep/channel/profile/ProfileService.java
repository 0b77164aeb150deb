package org.innerkeep.channel.profile;

import org.innerkeep.channel.call.HostVisible;

/**
 * What a debug enclave offers to its host beside {@link org.innerkeep.channel.keeper.RuntimeService}. Any other enclave does not offer it, and
 * measures nothing: what clients call, how often and how long it takes is not the host's business.
 */
@HostVisible
public interface ProfileService {
    /**
     * Collects garbage, which takes the longer the larger the heap is, and tells what there is.
     *
     * @return figures since the enclave's start
     */
    InsideFigures figures();
}
