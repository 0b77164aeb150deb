package org.innerkeep.cli.demo.probe;

import java.util.Optional;
import org.innerkeep.channel.call.HostVisible;

/** What the probe offers to its host. */
@HostVisible
public interface ForHost {
    /** Waits for longer than any test. */
    void block();

    /** Throws an undeclared exception whose message is what a client confided. */
    void throwUndeclared();

    /**
     * Throws a declared exception whose detail is what a client confided.
     *
     * @throws ProbeException always
     */
    void throwDeclared() throws ProbeException;

    /**
     * Seals.
     *
     * @param plaintext what to seal
     * @return the sealed value, for this signer and product
     */
    byte[] seal(byte[] plaintext);

    /**
     * Opens.
     *
     * @param sealed a sealed value
     * @return the plaintext; empty if this enclave may not open it
     */
    Optional<byte[]> unseal(byte[] sealed);
}
