package org.innerkeep.examples.hello;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;

/** Outside, on anybody's machine: proves to itself what it talks to, then talks. */
public final class HelloClient {
    /**
     * Asks the enclave for a greeting.
     *
     * @param address where the host listens
     * @param signer who signed the bundle, SHA-256 of the public key
     * @param keeper the keeper's key, as its administrator told it
     * @param name whom to greet
     * @return the greeting
     * @throws IOException if the enclave is not the one that is wanted, or cannot be reached
     */
    public static String greet(InetSocketAddress address, Bytes signer, KeeperAnchor keeper, String name) throws IOException {
        try (Client client = Client.connect(address, Trust.signer(signer, 1, 1).on(keeper).allowSameUser())) {
            return client.bind(Greeting.class).greet(name);
        }
    }
}
