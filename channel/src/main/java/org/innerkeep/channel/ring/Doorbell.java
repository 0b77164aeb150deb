package org.innerkeep.channel.ring;

/**
 * How a thread waits until a word of the shared memory is changed, and how it is woken. Both sides must use the same. Where no wake-up
 * crosses between two processes, it will do to look again and again, less and less often. Safe for use by several threads.
 */
interface Doorbell {
    /**
     * Waits while a word has a value. May return early, and for no reason.
     *
     * @param region the memory
     * @param word where the word is
     * @param value what the word was when it was decided to wait; where it has changed since, this returns at once
     * @param nanos how long at most
     * @throws RingException if the word is gone
     */
    void await(Region region, long word, int value, long nanos) throws RingException;

    /**
     * Wakes threads that wait for a word, which has been changed before.
     *
     * @param region the memory
     * @param word where the word is
     * @param most how many at most
     */
    void wake(Region region, long word, int most);
}
