package org.innerkeep.bench;

/** The least that a JVM can do: the peer of an enclave's start. */
public final class Hello {
    private Hello() {}

    /**
     * Says hello.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        System.out.println("hello");
    }
}
