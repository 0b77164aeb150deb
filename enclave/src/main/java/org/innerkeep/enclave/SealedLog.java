package org.innerkeep.enclave;

/**
 * A log that only its recipient can read. Entries stay in the enclave's memory until the host fetches them; then they are sealed
 * inside, as an age file padded to whole blocks, so that the host learns that something was logged and about how much. What does not
 * fit into {@value #MAX_CHARACTERS} characters until then is dropped, and the log says how many entries were. Never waits.
 * Safe for use by several threads.
 */
public interface SealedLog {
    /** The most characters that wait to be fetched. */
    int MAX_CHARACTERS = 1 << 18;

    /**
     * Logs that something happened.
     *
     * @param message what
     */
    void info(String message);

    /**
     * Logs that something looks wrong.
     *
     * @param message what
     */
    void warning(String message);

    /**
     * Logs a failure with its stack trace and its causes.
     *
     * @param message what failed
     * @param failure why
     */
    void error(String message, Throwable failure);
}
