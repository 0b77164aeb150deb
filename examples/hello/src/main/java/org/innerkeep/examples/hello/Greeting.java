package org.innerkeep.examples.hello;

/** What the enclave offers to its clients. */
public interface Greeting {
    /**
     * Greets.
     *
     * @param name whom; the host never sees it
     * @return the greeting; the host never sees it either
     */
    String greet(String name);
}
