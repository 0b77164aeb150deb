package @PACKAGE@.app;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;

/** On the operator's machine: starts the enclave and carries ciphertext. */
public final class HostMain {
    /** Takes the bundle, the keeper's socket and HOST:PORT to listen on; runs until the enclave ends. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            System.err.println("./run host BUNDLE KEEPER_SOCKET HOST:PORT");
            System.exit(2);
        }
        URI where = URI.create("tcp://" + arguments[2]);
        try (Enclave enclave = Host.start(Path.of(arguments[0]), Platform.process(Path.of(arguments[1])))) {
            enclave.listen(new InetSocketAddress(where.getHost(), where.getPort()));
            System.out.println("listening " + arguments[2]);
            enclave.ended().toCompletableFuture().join();
        }
    }
}
