package org.innerkeep.channel.call;

/**
 * Is told of the calls over a connection, for measuring. It learns names, sizes, times and whether a call failed, and nothing of what is
 * carried: what this end of a connection sees of its calls anyway. Called on the threads of the calls, several at once; it must neither
 * wait nor throw.
 *
 * @see CallPeer.Builder#observer
 */
public interface CallObserver {
    /**
     * A call begins.
     *
     * @param crossing the call; its figures are not there yet
     */
    void begun(Crossing crossing);

    /**
     * The call has ended, however it ended.
     *
     * @param crossing the same object, now with its figures
     */
    void ended(Crossing crossing);
}
