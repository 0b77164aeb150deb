package org.innerkeep.cli.leakcheck;

import org.innerkeep.channel.call.HostVisible;

/** What {@link HoldingEnclave} does for its host. Nothing secret is carried. */
@HostVisible
public interface Holding {
    /** Fills the heap with rubbish until it has been collected several times. */
    void collect();

    /** Copies a secret, its numbers of the form FLOAT32, to memory outside the heap, as native libraries keep theirs. */
    void holdOutsideTheHeap();

    /** {@return a value that was sealed to its signer, after many others} */
    byte[] seal();

    /**
     * Opens a sealed value again and again, each time with its key from the keeper.
     *
     * @param sealed from {@link #seal}
     * @param millis for so long
     * @return how often
     */
    int unseal(byte[] sealed, int millis);

    /** {@return how many secrets it still holds} */
    int held();
}
