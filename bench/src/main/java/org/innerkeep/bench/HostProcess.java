package org.innerkeep.bench;

import java.net.InetSocketAddress;
import org.innerkeep.host.Enclave;

/** The operator's program: starts the enclave and carries clients' bytes. Ends when its standard input does. */
public final class HostProcess {
    private HostProcess() {}

    /**
     * Runs.
     *
     * @param arguments none
     * @throws Exception if the enclave does not start
     */
    public static void main(String[] arguments) throws Exception {
        try (Enclave enclave = Stage.current().startEnclave()) {
            InetSocketAddress address = enclave.listen(Stage.anyPort());
            System.out.println("ready " + address.getPort());
            EchoProcess.untilInputEnds();
        }
    }
}
