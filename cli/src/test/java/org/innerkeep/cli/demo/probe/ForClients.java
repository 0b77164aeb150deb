package org.innerkeep.cli.demo.probe;

/** What the probe offers to its clients. */
public interface ForClients {
    /** Waits for longer than any test. */
    void block();

    /**
     * Takes a little while.
     *
     * @param number any
     * @return its square
     */
    long square(long number);

    /**
     * Confides a text to the enclave, which then prints it wherever a program can print.
     *
     * @param secret any
     */
    void confide(String secret);

    /** Throws an undeclared exception whose message is what was confided. */
    void throwUndeclared();
}
