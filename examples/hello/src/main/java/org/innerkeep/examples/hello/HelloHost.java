package org.innerkeep.examples.hello;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;

/** Outside, on the operator's machine: starts the bundle and carries ciphertext. */
public final class HelloHost {
    /**
     * Runs until the enclave ends.
     *
     * @param arguments the bundle's path, the keeper's socket, the port
     * @throws Exception if the enclave does not start
     */
    public static void main(String[] arguments) throws Exception {
        try (Enclave enclave = Host.start(Path.of(arguments[0]), Platform.process(Path.of(arguments[1])))) {
            enclave.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[2])));
            enclave.ended().toCompletableFuture().join();
        }
    }
}
